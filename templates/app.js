// Keyboard and speed on top of pages that work without. Nothing newer than Chromium 86.
'use strict';
(function () {
  const typing = (e) => e && (e.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(e.tagName) && !/^(checkbox|radio|button|submit|file)$/.test(e.type));

  // --- keys: data-key names the key of a link, a button or a field
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.key === 'Escape' && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target)) return;
    if (event.key === '/') {
      const q = document.getElementById('q');
      if (q) { event.preventDefault(); q.focus(); q.select(); } else if (document.body.dataset.page) { event.preventDefault(); location.href = '/board#q'; }
      return;
    }
    const found = [...document.querySelectorAll('[data-key]')].find((e) => e.dataset.key === event.key && !e.disabled && e.getClientRects().length);
    if (!found) return;
    event.preventDefault();
    if (typing(found)) { found.focus(); if (found.select) found.select(); } else { found.click(); }
  });

  // --- forms: sent in the background, the answer takes the page's place; where anything is odd the browser does it itself
  let busy = false;
  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post' || 'plain' in form.dataset || form.querySelector('input[type=file]')) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    const button = event.submitter || null;
    const data = new URLSearchParams(new FormData(form));
    if (button && button.name) data.append(button.name, button.value);
    const address = button && button.hasAttribute('formaction') ? button.formAction : form.action;
    form.classList.add('busy');
    try {
      const answer = await fetch(address, { method: 'POST', body: data, credentials: 'same-origin' });
      if (!(answer.headers.get('content-type') || '').startsWith('text/html')) throw new Error('not a page');
      show(await answer.text(), answer.url, { push: answer.redirected, anchor: form.dataset.anchor });
    } catch (error) {
      say('没有连上服务器，刚才的操作没有记下；请稍后重试（反复出现的，管理员处理）');
      form.classList.remove('busy');
    } finally {
      busy = false;
    }
  });

  function say(text) {
    const line = document.createElement('div');
    line.className = 'flash refused screen';
    line.setAttribute('role', 'alert');
    line.textContent = '!　' + text;
    const page = document.getElementById('page');
    page.insertBefore(line, page.firstChild);
    line.scrollIntoView({ block: 'nearest' });
  }

  // --- show a page that was fetched: same page keeps its scroll, another begins at its top or anchor
  async function show(html, address, how) {
    const next = new DOMParser().parseFromString(html, 'text/html');
    const to = new URL(address, location.href);
    const same = to.pathname === location.pathname;
    const page = document.getElementById('page');
    const fresh = next.getElementById('page');
    if (!fresh || !page) { location.href = address; return; }
    await styles(next);
    const scrolls = same ? [...document.querySelectorAll('[data-scroll]')].map((e) => [e.dataset.scroll, e.scrollTop]) : [];
    const focus = document.activeElement && document.activeElement.id;
    const top = window.scrollY;
    if (how.push && to.href !== location.href) history.pushState({ zicha: true }, '', to.href);
    document.title = next.title;
    document.body.dataset.page = next.body.dataset.page || '';
    const bar = document.querySelector('.bar'), other = next.querySelector('.bar');
    if (bar && other) bar.replaceWith(other);
    page.replaceWith(fresh);
    for (const [name, at] of scrolls) { const e = document.querySelector('[data-scroll="' + name + '"]'); if (e) e.scrollTop = at; }
    const anchor = how.anchor || to.hash.slice(1);
    const target = anchor && document.getElementById(decodeURIComponent(anchor));
    if (same) window.scrollTo(0, top); else if (!target) window.scrollTo(0, 0);
    if (target && !(same && inView(target))) target.scrollIntoView({ block: 'center' });
    const wanted = document.querySelector('#page [autofocus]') || (same && focus && document.getElementById(focus));
    if (wanted) wanted.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent('zicha:page'));
  }

  const inView = (e) => { const r = e.getBoundingClientRect(); return r.top >= 44 && r.bottom <= window.innerHeight; };

  async function styles(next) {
    const have = (selector, key) => new Set([...document.querySelectorAll(selector)].map((e) => e.getAttribute(key)));
    const sheets = have('link[rel=stylesheet]', 'href'), scripts = have('script[src]', 'src');
    const waits = [];
    for (const link of next.querySelectorAll('link[rel=stylesheet]')) {
      if (sheets.has(link.getAttribute('href'))) continue;
      const e = document.createElement('link');
      e.rel = 'stylesheet';
      e.href = link.getAttribute('href');
      waits.push(new Promise((done) => { e.onload = e.onerror = done; }));
      document.head.appendChild(e);
    }
    for (const script of next.querySelectorAll('script[src]')) {
      if (scripts.has(script.getAttribute('src'))) continue;
      const e = document.createElement('script');
      e.src = script.getAttribute('src');
      document.head.appendChild(e);
    }
    await Promise.all(waits);
  }

  // --- what is folded on the screen is printed; what only holds forms is not
  const folded = [];
  window.addEventListener('beforeprint', () => {
    for (const e of document.querySelectorAll('#page details:not([open]):not(.fix):not(.more):not(.again)')) { e.open = true; folded.push(e); }
  });
  window.addEventListener('afterprint', () => { for (const e of folded.splice(0)) e.open = false; });

  window.addEventListener('popstate', () => location.reload());
  if (location.hash === '#q') { const q = document.getElementById('q'); if (q) q.focus(); }
  window.zicha = { typing, show, say };
})();
