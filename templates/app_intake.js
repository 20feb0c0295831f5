// 收件: the sum line follows while files are being read; the page itself changes only when the person asks. Nothing newer than Chromium 86.
'use strict';
(function () {
  let timer = 0;
  async function look() {
    timer = 0;
    if (document.body.dataset.page !== 'intake' || !document.getElementById('queued')) return;
    try {
      const answer = await fetch(location.href, { credentials: 'same-origin' });
      if (!answer.ok || answer.redirected) return;
      const text = await answer.text();
      const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('sum');
      const old = document.getElementById('sum');
      if (!fresh || !old) return;
      const over = !fresh.querySelector('#queued');
      if (over && !touched()) { window.zicha.show(text, location.href, {}); return; }
      old.replaceWith(fresh);
    } catch (error) { /* the next look may do better */ }
    wait();
  }
  // someone is filling in a form: it stays as it is
  function touched() {
    return [...document.querySelectorAll('#page input:not([type=hidden]):not([name=q])')].some((e) => e.value !== e.defaultValue) ||
      (document.activeElement && window.zicha.typing(document.activeElement));
  }
  function wait() { if (!timer && document.getElementById('queued')) timer = setTimeout(look, 2000); }
  document.addEventListener('zicha:page', wait);
  wait();
})();
