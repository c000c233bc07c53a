// The page's only script: sends clicks, shows confirm dialogs and modals, puts in what the server sends.
const viewer = document.body.dataset.viewer;
const messages = document.getElementById('messages');
const guide = document.getElementById('guide');
const toast = document.getElementById('toast');
/** A modal opens where it was asked for: in this tab, and in no other one of the same person. */
const tab = crypto.randomUUID();
const GONE = 'The demo does not answer any more. Start it again with npm run demo.';
const FILE_MAX_BYTES = 1024 * 1024;

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.action !== undefined) {
    const confirm = button.nextElementSibling;
    if (confirm?.matches('dialog.confirm')) ask(confirm, button);
    else void click(button);
  } else if (button.dataset.shortcut !== undefined) {
    void post('/shortcut', { ts: button.closest('article').id.slice(1) }, button);
  } else if (button.dataset.deed !== undefined) {
    const { deed, scenario } = button.dataset;
    closeMenus(button);
    void post('/guide', { deed, ...(scenario === undefined ? {} : { scenario }) }, button);
  } else if (button.dataset.unfold !== undefined) {
    unfold(button, button.getAttribute('aria-expanded') !== 'true');
  }
});

function unfold(button, isOpen) {
  button.setAttribute('aria-expanded', String(isOpen));
  button.textContent = isOpen ? 'Show less' : 'Show more';
}

async function click(button) {
  const { block, action, option } = button.dataset;
  closeMenus(button);
  await post(
    '/click',
    {
      tab,
      ts: button.closest('article').id.slice(1),
      blockId: block,
      actionId: action,
      ...(option === undefined ? {} : { option: Number(option) }),
    },
    button,
  );
}

/** Sends what the viewer does; a second press while it is on its way does nothing. The button keeps the focus. */
async function post(path, what, button) {
  if (button.ariaDisabled === 'true') return false;
  button.ariaDisabled = 'true';
  button.classList.add('pending');
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as: viewer, ...what }),
    });
    if (!response.ok) say(await response.text());
    return response.ok;
  } catch {
    say(GONE);
    return false;
  } finally {
    button.ariaDisabled = null;
    button.classList.remove('pending');
  }
}

const composer = document.getElementById('composer');
composer.addEventListener('submit', (event) => {
  event.preventDefault();
  void share(composer.elements.text.value, [...composer.elements.files.files]);
});

async function share(text, chosen) {
  if (text === '' && chosen.length === 0) return;
  const large = chosen.find(({ size }) => size > FILE_MAX_BYTES);
  if (large) {
    say(`${large.name} is larger than 1 MiB, so nothing was sent; share a part of it.`);
    return;
  }
  const files = await Promise.all(
    chosen.map(async (file) => ({ name: file.name, base64: await read(file) })),
  );
  if (await post('/say', { text, files }, composer.querySelector('button'))) composer.reset();
}

function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result.slice(reader.result.indexOf(',') + 1)));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

// Menus: one is open at a time; Escape closes it, and so does whatever is clicked or focused elsewhere.
const openMenus = () => document.querySelectorAll('details.overflow[open]');

document.addEventListener('click', (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener('focusin', (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener('keydown', (event) => {
  const menu = event.target.closest?.('details.overflow[open]') ?? openMenus()[0];
  if (!menu) return;
  if (event.key === 'Escape') {
    event.preventDefault();
    menu.open = false;
    menu.querySelector('summary').focus();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !menu.contains(event.target)) return;
  event.preventDefault();
  const stops = [...menu.querySelectorAll('summary, li button')];
  stops.at((stops.indexOf(document.activeElement) + step) % stops.length).focus();
});

/** The menu of a pressed option closes, and its own button takes the focus, as the option is out of sight. */
function closeMenus(button) {
  const menu = button.closest('details.overflow');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
}

/** Shows a copy of the dialog, so that an edit of the message below does not close it. */
function ask(original, button) {
  const back = placeOf(button);
  const dialog = document.body.appendChild(original.cloneNode(true));
  dialog.addEventListener('close', () => {
    const isYes = dialog.returnValue === 'confirm';
    dialog.remove();
    returnTo(back);
    if (isYes) void click(button);
  });
  dialog.returnValue = 'deny';
  dialog.showModal();
}

function openModal({ id, html }) {
  const back = placeOf(document.activeElement);
  document.body.append(fragment(html));
  const dialog = document.getElementById(id);
  dialog.addEventListener('close', () => {
    dialog.remove();
    returnTo(back);
  });
  dialog.showModal();
}

/** Where an element stands, in words that also hold for what replaces its message. */
function placeOf(element) {
  const root = element?.closest('article.message[id], #guide');
  if (!root) return { element };
  const kind = kindOf(element);
  return { element, root: root.id, kind, index: [...root.querySelectorAll(kind)].indexOf(element) };
}

function kindOf(element) {
  const { action, option, deed, scenario } = element.dataset;
  const named = Object.entries({ action, option, deed, scenario }).filter(([, value]) => value !== undefined);
  if (named.length > 0) return named.map(([name, value]) => `[data-${name}="${CSS.escape(value)}"]`).join('');
  const parent = element.matches('summary') ? `details.${element.parentElement.classList[0]} > ` : '';
  return `${parent}${element.localName}`;
}

/** Focuses what stands at that place by now; where nothing does, the message itself, so that Tab goes on from there. */
function returnTo({ element, root, kind, index }) {
  const around = root === undefined ? undefined : document.getElementById(root);
  if (!around) {
    if (element?.isConnected) element.focus();
    return;
  }
  const there = element.isConnected ? element : around.querySelectorAll(kind)[index];
  const menu = there?.closest('details.overflow:not([open])');
  const target = (menu ? menu.querySelector('summary') : there) ?? around;
  if (target === around) around.tabIndex = -1;
  target.focus({ preventScroll: target === around });
}

/** Puts something new in the place of an element; what was open and what had the focus stays so. */
function replace(old, html) {
  const had = document.activeElement && old.contains(document.activeElement);
  const back = had ? placeOf(document.activeElement) : undefined;
  const folds = [...old.querySelectorAll('details, button[data-unfold]')].map((part) => [
    placeIn(old, part),
    part.open ?? part.getAttribute('aria-expanded') === 'true',
  ]);
  old.replaceWith(fragment(html));
  const fresh = document.getElementById(old.id);
  for (const [{ kind, index }, isOpen] of folds) {
    const part = fresh.querySelectorAll(kind)[index];
    if (part?.matches('details')) part.open = isOpen;
    else if (part && isOpen) unfold(part, true);
  }
  if (back) returnTo(back);
  return fresh;
}

function placeIn(root, part) {
  const kind = part.matches('details') ? `details.${part.classList[0]}` : 'button[data-unfold]';
  return { kind, index: [...root.querySelectorAll(kind)].indexOf(part) };
}

function putMessage({ id, html }) {
  const old = document.getElementById(id);
  if (old) {
    replace(old, html);
    return;
  }
  const isAtEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
  messages.append(fragment(html));
  const fresh = document.getElementById(id);
  // What only this person sees answers a click of theirs: it must not appear out of sight.
  if (isAtEnd || fresh.classList.contains('ephemeral')) fresh.scrollIntoView({ block: 'end' });
}

function fragment(html) {
  return document.createRange().createContextualFragment(html);
}

let hiding;
function say(text) {
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    toast.hidden = true;
  }, 8000);
}

const events = new EventSource(`/events?as=${encodeURIComponent(viewer)}&tab=${tab}`);
events.addEventListener('message', (event) => putMessage(JSON.parse(event.data)));
events.addEventListener('modal', (event) => openModal(JSON.parse(event.data)));
events.addEventListener('guide', (event) => {
  if (guide) replace(document.getElementById('guide'), JSON.parse(event.data).html);
});
// What was sent while the line was down is in the page of the server, which may be one of a new run by then.
events.addEventListener('error', () => {
  events.close();
  say('The demo has ended or begins anew; this page comes back by itself when it answers.');
  setTimeout(comeBack, 500);
});

async function comeBack() {
  try {
    await fetch('/page.js', { method: 'GET', cache: 'no-store' });
    location.reload();
  } catch {
    setTimeout(comeBack, 1000);
  }
}
