// While something is being exported the page looks again by itself; it may be left and come back to.
'use strict';
(function () {
  let timer = 0;
  function watch() {
    clearTimeout(timer);
    if (!document.querySelector('main.totals [data-running]')) return;
    timer = setTimeout(async () => {
      if (!document.querySelector('main.totals [data-running]')) return;
      try {
        const answer = await fetch('/totals', { credentials: 'same-origin' });
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main.totals .exports');
        const old = document.querySelector('main.totals .exports');
        if (fresh && old && !old.contains(document.activeElement && document.activeElement.closest('input'))) old.replaceWith(fresh);
      } catch (error) { /* looked at again in a moment */ }
      watch();
    }, 700);
  }
  document.addEventListener('zicha:page', watch);
  watch();
})();
