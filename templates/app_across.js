// One item over all units: after a confirmation the next open unit has the keyboard, so that Enter goes down the list.
'use strict';
(function () {
  const main = () => document.querySelector('main.across');
  let confirmed = '';
  document.addEventListener('submit', (event) => {
    if (main() && event.target.matches('.sidebyside form')) confirmed = event.target.dataset.anchor;
  }, true);
  document.addEventListener('zicha:page', () => {
    if (!main() || !confirmed) return;
    const rows = [...document.querySelectorAll('.sidebyside tbody tr')];
    const at = rows.findIndex((row) => row.id === confirmed);
    confirmed = '';
    const open = (row) => !row.querySelector('details.again') && row.querySelector('input.points');
    const next = rows.slice(at + 1).map(open).find(Boolean) || rows.slice(0, Math.max(at, 0)).map(open).find(Boolean);
    if (!next) return;
    next.focus({ preventScroll: true });
    next.select();
    const place = next.getBoundingClientRect();
    if (place.bottom > window.innerHeight - 60 || place.top < 60) next.scrollIntoView({ block: 'center' });
  });
})();
