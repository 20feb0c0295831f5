// Text and page image point at each other; a selection becomes a claim. All of it also works without, by links and forms.
'use strict';
(function () {
  const at = (id) => document.getElementById(id);
  const boxes = (read) => (read ? document.querySelectorAll('svg [data-of="' + read.id + '"]') : []);
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

  function mark(read, name, yes) {
    if (!read) return;
    read.classList.toggle(name, yes);
    boxes(read).forEach((e) => e.classList.toggle(name, yes));
  }
  const all = (name) => document.querySelectorAll('.source .' + name).forEach((e) => e.classList.remove(name));

  // Bring a box into the middle of its pane; the page itself does not move.
  function reveal(element, pane, smooth) {
    if (!element || !pane) return;
    const a = element.getBoundingClientRect(), b = pane.getBoundingClientRect();
    if (a.top >= b.top + 34 && a.bottom <= b.bottom && a.left >= b.left && a.right <= b.right) return;
    const top = pane.scrollTop + a.top - b.top - Math.max((b.height - a.height) / 3, 40);
    const left = pane.scrollLeft + a.left - b.left - 24;
    pane.scrollTo({ top, left: a.right > b.right || a.left < b.left ? left : pane.scrollLeft, behavior: smooth && !still ? 'smooth' : 'auto' });
  }
  let last = '';
  const claimBoxes = (link) => document.querySelectorAll('svg [data-claim="' + link.id + '"]');
  // A block, or one claim in it, is what is looked at now.
  function choose(read, smooth, claim) {
    all('on');
    all('here');
    last = read ? read.id : '';
    mark(read, 'on', true);
    const own = claim ? claimBoxes(claim) : [];
    own.forEach((e) => e.classList.add('here'));
    reveal(own[0] || (read && read.dataset.box ? at(read.dataset.box) : null), document.querySelector('.paged .pane'), smooth);
  }
  function go(read, claim) {
    choose(read, true, claim);
    const r = (claim || read).getBoundingClientRect();
    if (r.top < 110 || r.bottom > innerHeight - 20) window.scrollTo({ top: scrollY + r.top - innerHeight / 3, behavior: still ? 'auto' : 'smooth' });
    history.replaceState(history.state, '', '#' + read.id);
  }
  // Step to the next block, or to the next that needs a look: evidence that is not in the catalog, text that was hard to recognise.
  function walk(step) {
    const reads = [...document.querySelectorAll('.read')];
    const now = reads.findIndex((e) => e.id === last);
    if (step === 'open') {
      const open = reads.filter((e) => e.classList.contains('poor') || e.querySelector('.said.t-missing, .said.t-uncertain'));
      const next = open.find((e) => reads.indexOf(e) > now) || open[0];
      if (next) go(next, next.querySelector('.said.t-missing, .said.t-uncertain'));
      return;
    }
    const next = reads[Math.min(Math.max(now + Number(step), 0), reads.length - 1)];
    if (next) go(next);
  }

  // Without a script the links of text and image lead to each other; with one the other side scrolls by itself.
  document.addEventListener('click', (event) => {
    const zoom = event.target.closest('.zoom');
    if (zoom) {
      const big = document.querySelector('.pane').classList.toggle('big');
      zoom.setAttribute('aria-pressed', String(big));
      zoom.textContent = big ? '适合宽度' : '放大';
      reveal(document.querySelector('svg .block.on'), document.querySelector('.pane'), false);
      return;
    }
    const box = event.target.closest('svg [data-of]');
    if (box) {
      event.preventDefault();
      const read = at(box.dataset.of);
      choose(read, false);
      const r = read.getBoundingClientRect();
      if (r.top < 60 || r.bottom > innerHeight) window.scrollTo({ top: scrollY + r.top - innerHeight / 3, behavior: still ? 'auto' : 'smooth' });
      history.replaceState(history.state, '', '#' + read.id);
      return;
    }
    const step = event.target.closest('[data-walk]');
    if (step) { walk(step.dataset.walk); return; }
    const read = event.target.closest('.read');
    if (!read) return;
    if (event.target.closest('a.said')) history.replaceState(history.state, '', '#' + read.id); // where Back comes back to
    if (event.target.closest('a.at')) {
      event.preventDefault();
      history.replaceState(history.state, '', '#' + read.id);
    } else if (event.target.closest('a, form, summary')) return;
    if (String(getSelection())) return;
    choose(read, true);
  });
  for (const [type, yes] of [['mouseover', true], ['mouseout', false]]) {
    document.addEventListener(type, (event) => {
      if (!event.target.closest) return;
      const box = event.target.closest('svg [data-of]');
      mark(box ? at(box.dataset.of) : event.target.closest('.read'), 'pointed', yes);
      const said = event.target.closest('a.said');
      if (!box) boxes(event.target.closest('.read')).forEach((e) => { if (e.dataset.claim) e.classList.remove('pointed'); });
      if (said && yes) claimBoxes(said).forEach((e) => e.classList.add('pointed'));
    });
  }

  // --- a selection inside one block fills that block's form
  let button = null;
  function forget() { if (button) { button.remove(); button = null; } }
  function selected() {
    const chosen = getSelection();
    if (!chosen.rangeCount || chosen.isCollapsed) return null;
    const range = chosen.getRangeAt(0);
    const inside = (n) => (n.nodeType === 1 ? n : n.parentElement).closest('.said-here > p.serif');
    const p = inside(range.startContainer);
    if (!p || p !== inside(range.endContainer)) return null;
    const plain = (from, to) => {
      const r = document.createRange();
      r.setStart(p, 0);
      if (from) r.setStart(from[0], from[1]);
      r.setEnd(to[0], to[1]);
      const copy = r.cloneContents();
      copy.querySelectorAll('i').forEach((e) => e.remove()); // the shapes are ours, not the report's
      return copy.textContent;
    };
    const raw = plain([range.startContainer, range.startOffset], [range.endContainer, range.endOffset]);
    const text = raw.trim();
    if (!text) return null;
    const before = plain(null, [range.startContainer, range.startOffset]) + raw.slice(0, raw.indexOf(text));
    const whole = plain(null, [p, p.childNodes.length]);
    let occurrence = 0;
    for (let k = whole.indexOf(text); k >= 0 && k < before.length; k = whole.indexOf(text, k + 1)) occurrence += 1;
    return { read: p.closest('.read'), text, occurrence, range };
  }
  document.addEventListener('mouseup', (event) => { if (!event.target.closest || !event.target.closest('.source-pick')) setTimeout(offer, 0); });
  document.addEventListener('keyup', (event) => { if (event.shiftKey || event.key === 'Shift') offer(); });
  document.addEventListener('mousedown', (event) => { if (!event.target.closest('.source-pick')) forget(); });
  function offer() {
    forget();
    const found = selected();
    const form = found && found.read.querySelector('.fix form');
    if (!form) return;
    const lines = found.range.getClientRects();
    const end = lines[lines.length - 1];
    button = document.createElement('button');
    button.type = 'button';
    button.className = 'source-pick';
    button.textContent = '标为佐证…';
    button.style.left = Math.min(end.right + scrollX + 4, scrollX + document.documentElement.clientWidth - 110) + 'px';
    button.style.top = end.bottom + scrollY + 3 + 'px';
    button.addEventListener('click', () => {
      form.elements.text.value = found.text;
      form.elements.occurrence.value = String(found.occurrence);
      form.closest('details').open = true;
      form.querySelector('button').focus();
      forget();
    });
    document.body.appendChild(button);
  }
  // Words typed by hand mean their first occurrence.
  document.addEventListener('input', (event) => { if (event.target.name === 'text' && event.target.closest('.read')) event.target.form.elements.occurrence.value = '0'; });

  // --- which page is in sight; a page that was put in place by app.js begins again
  let watcher = null;
  function begin() {
    forget();
    const pane = document.querySelector('.paged .pane');
    document.querySelectorAll('.zoom, .walk').forEach((e) => { e.hidden = false; });
    if (watcher) watcher.disconnect();
    if (!pane) return;
    watcher = new IntersectionObserver((entries) => {
      for (const e of entries) {
        const link = pane.querySelector('.pages a[href="#' + e.target.id + '"]');
        if (link) link.classList.toggle('now', e.isIntersecting);
      }
    }, { root: pane, rootMargin: '-45% 0px -50% 0px' });
    pane.querySelectorAll('.leaf').forEach((e) => watcher.observe(e));
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && at(id);
    const read = target && (target.closest('.read') || (target.dataset.of && at(target.dataset.of)));
    const claim = target && (target.matches('a.said') ? target : target.querySelector('a.said'));
    if (read || at(last)) choose(read || at(last), false, read && !target.matches('.read') ? claim : null);
  }
  document.addEventListener('click', (event) => {
    const link = event.target.closest('.pages a');
    if (!link) return;
    event.preventDefault();
    const pane = document.querySelector('.paged .pane'), leaf = at(link.hash.slice(1));
    pane.scrollTo({ top: pane.scrollTop + leaf.getBoundingClientRect().top - pane.getBoundingClientRect().top - 32 });
  });
  // An image that cannot be drawn says so instead of a torn picture.
  document.addEventListener('error', (event) => {
    const paper = event.target.closest && event.target.closest('.source .paper');
    if (!paper) return;
    paper.dataset.wait = '这一页不能显示，请下载原件查看';
    event.target.style.visibility = 'hidden';
  }, true);
  document.addEventListener('zicha:page', begin);
  window.addEventListener('hashchange', begin);
  begin();
})();
