/**
 * Collects work of one turn of the event loop and does it in one go, so that the commits of several bots reach the
 * store together.
 */
export function createScheduler(defer: (work: () => void) => void): (work: () => void) => void {
  let due: (() => void)[] = [];
  function doAll() {
    const all = due;
    due = [];
    for (const work of all) work();
  }
  return function schedule(work) {
    if (due.push(work) === 1) defer(doAll);
  };
}
