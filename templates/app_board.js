// The board at once: search, filters and sorting without asking the server; addresses stay those that the server understands.
'use strict';
(function () {
  const board = () => document.querySelector('main.board');
  const rows = () => [...document.querySelectorAll('.units tbody tr')];
  const asked = () => new URLSearchParams(location.search);

  // --- search: the same rule as templates/finding.py
  const names = new WeakMap();
  function known(row) {
    if (!names.has(row)) names.set(row, (row.dataset.find || '').split('|').map((name) => name.split(' ')));
    return names.get(row);
  }
  const reads = (wanted, part) => [...wanted].every((c, n) => part[n].includes(c));
  function covers(wanted, part) {
    const left = [...wanted];
    return part.every((token) => { const at = left.findIndex((c) => token.includes(c)); if (at < 0) return false; left.splice(at, 1); return true; });
  }
  function place(wanted, row, fits) {
    const size = [...wanted].length;
    let best = Infinity;
    for (const name of known(row)) {
      for (let at = 0; at + size <= name.length && at < best; at++) if (fits(wanted, name.slice(at, at + size))) { best = at; break; }
    }
    return best;
  }
  function found(query) {
    const wanted = query.toLowerCase().replace(/\s+/g, '');
    if (!wanted) return null;
    for (const fits of [reads, covers]) {
      if (fits === covers && (!/^[\x00-\x7f]+$/.test(wanted) || wanted.length < 3)) break;
      const places = rows().map((row) => [row, place(wanted, row, fits)]).filter(([, at]) => at < Infinity);
      if (places.length) {
        const begin = places.filter(([, at]) => at < 2);
        return new Set((begin.length ? begin : places).map(([row]) => row));
      }
    }
    return new Set();
  }

  function filter() {
    const now = asked();
    const show = now.get('show') || '', who = now.get('who') || '';
    const hits = found(now.get('q') || '');
    let count = 0;
    for (const row of rows()) {
      const on = (!hits || hits.has(row)) && (!show || row.dataset.has.split(' ').includes(show)) && (!who || row.dataset.who.split(' ').includes(who));
      row.hidden = !on;
      count += on ? 1 : 0;
    }
    for (const group of document.querySelectorAll('.units .group')) group.hidden = !group.querySelector('tbody tr:not([hidden])');
    const all = rows().length, line = document.getElementById('shown');
    if (line) line.textContent = count === all ? '' : '显示 ' + count + ' 个，共 ' + all + ' 个';
    const none = document.querySelector('.units .none');
    if (none) none.hidden = count > 0;
    for (const link of document.querySelectorAll('.choices a')) {
      const on = 'show' in link.dataset ? link.dataset.show === show : link.dataset.who === who;
      if (on) link.setAttribute('aria-current', 'true'); else link.removeAttribute('aria-current');
      link.href = address({ [('show' in link.dataset) ? 'show' : 'who']: 'show' in link.dataset ? link.dataset.show : link.dataset.who });
    }
  }

  function address(changes) {
    const next = asked();
    for (const [key, value] of Object.entries(changes)) if (value) next.set(key, value); else next.delete(key);
    const text = next.toString();
    return location.pathname + (text ? '?' + text : '');
  }

  // --- sorting inside each group, by the value that a cell carries
  function sort(link) {
    const head = link.closest('th'), key = link.dataset.sort;
    const down = head.getAttribute('aria-sort') === 'ascending' || (key === 'number' && head.getAttribute('aria-sort') === 'none' && !asked().get('sort'));
    const at = [...head.parentNode.children].indexOf(head);
    for (const body of document.querySelectorAll('.units tbody')) {
      const value = (row) => row.children[at].dataset.v;
      const list = [...body.children];
      const numbers = list.every((row) => !isNaN(parseFloat(value(row))) && isFinite(value(row)));
      list.sort((a, b) => {
        const x = value(a), y = value(b);
        const order = numbers ? x - y : x < y ? -1 : x > y ? 1 : 0;
        return down ? -order : order;
      });
      body.append(...list);
    }
    for (const other of document.querySelectorAll('.units th')) {
      const mine = other.querySelector('a') && other.querySelector('a').dataset.sort === key && (key !== 'number' || down);
      if (other.hasAttribute('aria-sort')) other.setAttribute('aria-sort', mine ? (down ? 'descending' : 'ascending') : 'none');
      const old = other.querySelector('.dir');
      if (old) old.remove();
      if (mine) { const mark = document.createElement('i'); mark.className = 'dir'; mark.textContent = down ? '▼' : '▲'; other.querySelector('a').append(mark); }
    }
    history.replaceState(history.state, '', address({ sort: key === 'number' ? '' : key, down: down ? '1' : '' }));
    filter();
  }

  const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  document.addEventListener('click', (event) => {
    if (!board() || event.defaultPrevented || !plain(event)) return;
    const link = event.target.closest('a');
    if (!link) return;
    if ('sort' in link.dataset) { event.preventDefault(); sort(link); return; }
    const inside = link.closest('.choices') || link.closest('.left');
    if (!inside || link.getAttribute('href').startsWith('#')) return;
    const to = new URL(link.href);
    if (to.pathname !== location.pathname) return;
    event.preventDefault();
    const change = 'who' in link.dataset ? { who: link.dataset.who } : { show: to.searchParams.get('show') || '' };
    history.replaceState(history.state, '', address(change));
    filter();
    if (link.closest('.left')) document.querySelector('.choices').scrollIntoView({ block: 'nearest' });
  });
  document.addEventListener('input', (event) => {
    if (!board() || event.target.id !== 'q' || event.isComposing) return;
    history.replaceState(history.state, '', address({ q: event.target.value.trim() }));
    filter();
  });
  document.addEventListener('compositionend', (event) => {
    if (board() && event.target.id === 'q') { history.replaceState(history.state, '', address({ q: event.target.value.trim() })); filter(); }
  });
  // Enter with one unit left goes to it.
  document.addEventListener('submit', (event) => {
    if (!board() || !event.target.matches('.find')) return;
    event.preventDefault();
    const left = rows().filter((row) => !row.hidden);
    const link = left.length === 1 && left[0].querySelector('.u a');
    if (link) link.click();
  });
  if (board()) filter();
})();
