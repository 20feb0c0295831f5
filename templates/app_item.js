// One item at work: digits into the points field, words marked in a quote, the next item ready before it is asked for.
'use strict';
(function () {
  if (window.zichaItem) return;
  window.zichaItem = true;
  const { typing, show, say } = window.zicha;
  const field = () => document.getElementById('points');
  const plain = (text) => text.replace(/[０-９．]/g, (c) => (c === '．' ? '.' : String.fromCharCode(c.charCodeAt(0) - 0xfee0))).trim();

  // --- a key that is held down decides once
  document.addEventListener('keydown', (event) => {
    if (event.repeat && /^[cu]$/.test(event.key) && !typing(event.target)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  // --- points: a digit pressed anywhere goes into the field; up and down by half a point; what cannot be is said at once
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const points = field();
    if (!points) return;
    if (/^[0-9]$/.test(event.key) && !typing(event.target)) {
      event.preventDefault();
      points.focus();
      points.value = event.key;
      check(points);
    } else if (event.target === points && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      const now = parseFloat(plain(points.value || points.placeholder)) || 0;
      const next = now + (event.key === 'ArrowUp' ? 0.5 : -0.5);
      points.value = String(Math.min(Number(points.dataset.max), Math.max(0, next)));
      check(points);
    }
  });
  document.addEventListener('input', (event) => { if (event.target.id === 'points') check(event.target); });

  function check(points) {
    const text = plain(points.value), max = Number(points.dataset.max), help = document.getElementById('points-help');
    const wrong = text !== '' && (!/^\d{1,3}(\.\d{0,2})?$/.test(text) || Number(text) > max);
    if (!('usual' in help.dataset)) help.dataset.usual = help.textContent;
    help.textContent = wrong ? '须在 0 至 ' + max + ' 之间，最多两位小数' : help.dataset.usual;
    help.classList.toggle('wrong', wrong);
    points.setCustomValidity(wrong ? help.textContent : '');
  }

  document.addEventListener('click', (event) => {
    const take = event.target.closest && event.target.closest('button.take');
    if (!take || !field()) return;
    event.preventDefault();
    field().value = field().placeholder;
    check(field());
    field().focus();
    field().select();
  });

  // --- words selected in a quote become a claim: the form of that passage opens, filled in
  let chosen = null;
  document.addEventListener('selectionchange', () => {
    const selection = document.getSelection();
    const old = document.getElementById('mark-this');
    chosen = passage(selection);
    if (!chosen) { if (old) old.remove(); return; }
    const button = old || document.createElement('button');
    button.id = 'mark-this';
    button.type = 'button';
    button.textContent = '标为佐证';
    const box = selection.getRangeAt(0).getBoundingClientRect();
    button.style.left = Math.max(0, box.left + window.scrollX) + 'px';
    button.style.top = box.bottom + window.scrollY + 6 + 'px';
    if (!old) document.getElementById('page').appendChild(button);
  });
  document.addEventListener('mousedown', (event) => { if (event.target.id === 'mark-this') event.preventDefault(); });
  document.addEventListener('click', (event) => {
    if (event.target.id !== 'mark-this' || !chosen) return;
    const { quote, text, occurrence } = chosen;
    const fix = quote.querySelector('details.fix');
    fix.open = true;
    fix.querySelector('[name=text]').value = text;
    fix.querySelector('[name=occurrence]').value = String(occurrence);
    fix.querySelector('[name=row]').focus();
    document.getSelection().removeAllRanges();
  });
  // Words typed or changed by hand are no longer those of the selection.
  document.addEventListener('input', (event) => {
    if (event.target.name === 'text') event.target.form.querySelector('[name=occurrence]').value = '0';
  });

  function passage(selection) {
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0), text = range.toString();
    const start = range.startContainer.parentElement, words = start && start.closest('.quote[data-block] p');
    if (!words || !words.contains(range.endContainer) || !text.trim()) return null;
    const quote = words.closest('.quote');
    if (!quote.querySelector('details.fix')) return null;
    const before = document.createRange();
    before.setStart(words, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const trimmed = text.trim(), at = before.toString().length + text.indexOf(trimmed);
    let occurrence = 0;
    for (let k = words.textContent.indexOf(trimmed); k >= 0 && k < at; k = words.textContent.indexOf(trimmed, k + 1)) occurrence += 1;
    return { quote, text: trimmed, occurrence };
  }

  // --- the next open item is fetched while this one is read, and shown the moment this one is confirmed
  let ready = null, sending = 0, timer = 0;
  function prepare() {
    clearTimeout(timer);
    ready = null;
    const next = document.getElementById('next-open');
    if (!next || !field()) return;
    timer = setTimeout(async () => {
      if (sending) return;
      try {
        const answer = await fetch(next.href, { credentials: 'same-origin', headers: { 'X-Purpose': 'prefetch' } });
        if (answer.ok && !answer.redirected) ready = { href: next.href, html: await answer.text() };
      } catch (error) { ready = null; }
    }, 150);
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target, button = event.submitter;
    if (event.defaultPrevented || !form.querySelector('#points')) return;
    const next = document.getElementById('next-open');
    if (!button || button.value !== 'next' || !ready || !next || ready.href !== next.href || sending) return;
    event.preventDefault();
    const from = location.href, item = document.getElementById('main').dataset.item, page = ready;
    const data = new URLSearchParams(new FormData(form));
    data.append(button.name, button.value);
    sending += 1;
    ready = null;
    const answered = fetch(form.action, { method: 'POST', body: data, credentials: 'same-origin' });
    await show(page.html, page.href, { push: true });
    try {
      const answer = await answered, html = await answer.text();
      sending -= 1;
      settle(answer, html, page.href, from, item);
    } catch (error) {
      sending -= 1;
      say(item + ' 没有记下：没有连上服务器，请返回该条重试');
    }
  }, true);

  // What the server says: usually the page that stands there already, now with what was just done; else the page that says why not.
  function settle(answer, html, expected, from, item) {
    const reached = new URL(answer.url), wanted = new URL(expected);
    if (answer.ok && reached.pathname === wanted.pathname) {
      if (location.pathname === wanted.pathname && !touched()) show(html, location.href, { push: false });
      else prepare();
      return;
    }
    if (location.href.split('#')[0] === expected.split('#')[0]) show(html, answer.redirected ? answer.url : from, { push: true });
    else say(item + ' 没有记下，请返回该条查看');
  }

  function touched() {
    return [...document.querySelectorAll('#page input:not([type=hidden]), #page textarea')].some((e) => e.value !== e.defaultValue)
      || typing(document.activeElement) || !!document.querySelector('#mark-this');
  }

  // --- e: the next claim that needs a look (any claim, where none does), its correction open, its field ready for words
  let visited = { item: '', claim: '' };
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'e' || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const main = document.getElementById('main');
    if (typing(event.target) || !main || !main.dataset.item) return;
    const all = [...document.querySelectorAll('article.claim')].filter((claim) => claim.querySelector('details.fix'));
    const urgent = all.filter((claim) => !claim.classList.contains('t-matched'));
    const list = urgent.length ? urgent : all;
    if (!list.length) return;
    event.preventDefault();
    const from = visited.item === main.dataset.item ? list.findIndex((claim) => claim.id === visited.claim) : -1;
    const next = list[(from + 1) % list.length];
    visited = { item: main.dataset.item, claim: next.id };
    const outer = next.closest('section.aside details');
    if (outer) outer.open = true;
    next.querySelector('details.fix').open = true;
    next.scrollIntoView({ block: 'nearest' });
    next.querySelector('[name=row]').focus({ preventScroll: true });
  });

  // --- the list at the left stays where it was, and the item at work is in sight
  let at = 0;
  document.addEventListener('scroll', (event) => { if (event.target.id === 'list') { at = event.target.scrollTop; keep(at); } }, true);
  const keep = (value) => { try { sessionStorage.setItem('zicha-list', String(value)); } catch (error) { /* private mode */ } };
  const kept = () => { try { return Number(sessionStorage.getItem('zicha-list')) || 0; } catch (error) { return at; } };
  function arrange() {
    const list = document.getElementById('list'), here = list && list.querySelector('[aria-current]');
    if (!here) return;
    list.scrollTop = kept();
    const top = here.offsetTop - list.offsetTop, head = list.querySelector('.whose').offsetHeight;
    if (top - head < list.scrollTop) list.scrollTop = top - head - 20;
    else if (top + 30 > list.scrollTop + list.clientHeight) list.scrollTop = top + 60 - list.clientHeight;
  }
  function begin() { arrange(); prepare(); }
  document.addEventListener('zicha:page', begin);
  begin();
})();
