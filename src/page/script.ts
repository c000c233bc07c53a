/**
 * What the page does by itself where scripts run: a cell of the map opens its evidence in a dialog, arrow keys walk over the
 * cells, and everything that is folded is opened for the printer. Without it every link leads to the same evidence below.
 */
export const SCRIPT = `(() => {
  const map = document.getElementById('map');
  const why = document.getElementById('why');
  const text = (tag, words, name) => {
    const node = document.createElement(tag);
    node.textContent = words;
    if (name) node.className = name;
    return node;
  };
  const opened = [];
  addEventListener('beforeprint', () => {
    for (const one of document.querySelectorAll('details:not([open])')) {
      opened.push(one);
      one.open = true;
    }
  });
  addEventListener('afterprint', () => {
    for (const one of opened.splice(0)) one.open = false;
  });
  if (!map || !why.showModal) return;
  const links = [...map.querySelectorAll('td a')];
  links.forEach((link, index) => { link.tabIndex = index === 0 ? 0 : -1; });
  const move = (to) => {
    if (!to) return;
    for (const link of links) link.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  };
  const beside = (cell, row, column) => {
    let tr = cell.parentElement;
    let index = cell.cellIndex;
    for (;;) {
      if (row > 0) tr = tr.nextElementSibling;
      if (row < 0) tr = tr.previousElementSibling;
      index += column;
      const next = tr && tr.cells[index];
      if (!next || index < 1) return undefined;
      const link = next.querySelector('a');
      if (link) return link;
    }
  };
  map.addEventListener('keydown', (event) => {
    const cell = event.target.closest('td');
    const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    const step = steps[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    move(beside(cell, step[0], step[1]));
  });
  map.addEventListener('click', (event) => {
    const link = event.target.closest('td a');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = document.getElementById(link.hash.slice(1));
    if (!row) return;
    event.preventDefault();
    for (const other of links) other.tabIndex = -1;
    link.tabIndex = 0;
    show(row, link);
  });
  const nodeOf = (link) => {
    const head = map.tHead.rows[0].cells[link.closest('td').cellIndex].firstElementChild;
    return head.title || head.textContent;
  };
  const show = (row, link) => {
    const signal = row.closest('details');
    const heads = row.closest('table').tHead.rows[0].cells;
    const list = document.createElement('dl');
    const without = (cell) => {
      const copy = cell.cloneNode(true);
      for (const one of copy.querySelectorAll('small')) one.remove();
      return copy.textContent;
    };
    for (const cell of [...row.cells].slice(1)) {
      if (cell.textContent === '\\u2013' || cell.textContent === '') continue;
      const head = heads[cell.cellIndex];
      const value = document.createElement('dd');
      value.append(text('b', without(cell)));
      for (const note of ['.h', '.s']) {
        const said = cell.querySelector(note) || head.querySelector(note);
        if (said) value.append(said.cloneNode(true));
      }
      list.append(text('dt', without(head)), value);
    }
    const title = text('h2', signal.querySelector('summary b').textContent);
    title.id = 'why-h';
    const where = text('p', '', 'what');
    const state = link.closest('td').className;
    const words = { p: 'present on ', z: 'concluded on ', u: 'could not be told on ' };
    where.append((words[state] || 'ruled out on '), text('code', nodeOf(link)));
    const reason = signal.querySelector('.why');
    const close = text('button', 'Close');
    close.type = 'button';
    close.addEventListener('click', () => why.close());
    const all = text('a', 'The same on every node');
    all.href = '#' + signal.id;
    all.addEventListener('click', () => {
      why.close();
      signal.open = true;
    });
    const end = text('p', '', 'end');
    end.append(all, close);
    why.replaceChildren(title, where, list, ...(reason ? [text('h3', 'Why it matters'), reason.cloneNode(true)] : []), end);
    why.showModal();
    close.focus();
  };
  why.addEventListener('click', (event) => { if (event.target === why) why.close(); });
})();`;
