// Bulk confirmation: a box for a whole unit, and how many are ticked.
'use strict';
(function () {
  const boxes = (within) => [...within.querySelectorAll('input[name=pair]')];
  function count() {
    const form = document.querySelector('main.bulk form');
    const line = document.getElementById('ticked');
    if (!form || !line) return;
    const all = boxes(form), on = all.filter((box) => box.checked).length;
    line.textContent = on === all.length ? '共 ' + on + ' 条' : '勾选 ' + on + ' 条，共 ' + all.length + ' 条';
    for (const part of form.querySelectorAll('.preview')) {
      const mine = boxes(part), whole = part.querySelector('input.all'), ticked = mine.filter((box) => box.checked).length;
      whole.hidden = false;
      whole.checked = ticked === mine.length;
      whole.indeterminate = ticked > 0 && ticked < mine.length;
    }
  }
  document.addEventListener('change', (event) => {
    if (!event.target.closest('main.bulk form')) return;
    if (event.target.matches('input.all')) for (const box of boxes(event.target.closest('.preview'))) box.checked = event.target.checked;
    count();
  });
  document.addEventListener('zicha:page', count);
  count();
})();
