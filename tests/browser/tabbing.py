"""
The way of the Tab key through a page: it begins at the skip link, follows the eye, misses nothing, and always shows where it is.

The key is really pressed; what it comes to is written down in the page itself, so that a press costs milliseconds.
"""

from playwright.sync_api import Page

BEGIN = """() => {
  const ring = e => {
    const s = getComputedStyle(e), drawn = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
    return (drawn ? [s.outlineStyle, s.outlineWidth, s.outlineColor].join() : '') + s.boxShadow;
  };
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility());
  if (document.activeElement) document.activeElement.blur();  // what has the focus already looks so
  const plain = new Map(all.map(e => [e, ring(e)]));
  const one = e => e.type === 'radio' ? (e.form && e.form.id || '') + '/' + [...document.forms].indexOf(e.form) + e.name : e;
  const way = window.wayOfTab = {all, one, stops: []};
  way.note = ({target}) => {
    const box = target.getBoundingClientRect();
    way.stops.push({
      target, place: all.indexOf(target), ring: plain.has(target) && ring(target) !== plain.get(target),
      shown: target.checkVisibility({opacityProperty: true, visibilityProperty: true}),
      left: box.left + scrollX, right: box.right + scrollX, top: box.top + scrollY, bottom: box.bottom + scrollY,
    });
  };
  // From before the first thing on the page.
  const before = document.body.insertBefore(document.createElement('span'), document.body.firstChild);
  before.tabIndex = -1;
  before.focus();
  before.remove();
  document.addEventListener('focusin', way.note);
  const parts = e => ({date: 4, 'datetime-local': 6, month: 3, time: 3})[e.type] || 1;
  return [...new Map(all.map(e => [one(e), parts(e)])).values()].reduce((sum, n) => sum + n, 0);
}"""
END = """() => {
  const {all, one, stops, note} = window.wayOfTab, found = [];
  document.removeEventListener('focusin', note);
  if (document.activeElement) document.activeElement.blur();
  const told = e => e.outerHTML.slice(0, 120), say = (what, stop) => found.push(what + ': ' + told(stop.target || stop));
  for (const e of document.querySelectorAll('[tabindex]')) if (e.tabIndex > 0) say('has an order of its own', e);
  if (stops.length && !stops[0].target.matches('.skip')) say('comes before the skip link', stops[0]);
  const reached = new Set(stops.map(s => one(s.target)));
  for (const e of all) if (!reached.has(one(e))) say('is never reached', e);
  stops.forEach((stop, n) => {
    if (stop.place < 0) say('is a stop although nothing can be done there', stop);
    else if (!stop.ring) say('does not show that it has the focus', stop);
    const drawn = stop.right > Math.max(stop.left, 0) && stop.bottom > Math.max(stop.top, 0);
    if (!stop.shown || !drawn) say('has the focus and cannot be seen', stop);
    const last = stops[n - 1];
    if (!last) return;
    if (stop.place <= last.place) say('is come to again after ' + told(last.target), stop);
    // A column to the right begins at its top; anything else that lies higher is a jump back.
    else if (stop.bottom <= last.top && stop.left < last.right) say('lies above ' + told(last.target), stop);
    else if (stop.right <= last.left && stop.top < last.bottom && stop.bottom > last.top && stop.bottom <= last.bottom)
      say('lies before ' + told(last.target), stop);
  });
  return found.slice(0, 5);
}"""


def tab_through(page: Page) -> list[str]:
    """Press Tab from the top of a page to its end; return what is wrong with the way."""
    for _ in range(page.evaluate(BEGIN)):
        page.keyboard.press("Tab")
    wrong: list[str] = page.evaluate(END)
    return wrong
