// The page's only script: sends clicks, shows confirm dialogs and modals, puts in what the server sends.
const viewer = document.body.dataset.viewer;
const messages = document.getElementById('messages');
const toast = document.getElementById('toast');

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-action]');
  if (!button) return;
  const confirm = button.nextElementSibling;
  if (confirm?.matches('dialog.confirm')) ask(confirm, () => send(button));
  else void send(button);
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-shortcut]');
  if (button) void post('/shortcut', { ts: button.closest('article').id.slice(1) }, button);
});

const composer = document.getElementById('composer');
composer.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = composer.elements.text.value;
  void post('/say', { text }, composer.querySelector('button')).then((isSent) => {
    if (isSent) composer.reset();
  });
});

/** Sends what the viewer does beside clicks on the app's buttons. */
async function post(path, what, button) {
  button.disabled = true;
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as: viewer, ...what }),
    });
    if (!response.ok) say(await response.text());
    return response.ok;
  } catch {
    say('The demo does not answer any more. Start it again with npm run demo.');
    return false;
  } finally {
    button.disabled = false;
  }
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-unfold]');
  if (!button) return;
  const isOpen = button.getAttribute('aria-expanded') !== 'true';
  button.setAttribute('aria-expanded', String(isOpen));
  button.textContent = isOpen ? 'Show less' : 'Show more';
});

// An open menu closes when the click goes elsewhere.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.overflow[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/** Shows a copy of the dialog, so that an edit of the message below does not close it. */
function ask(original, onYes) {
  const dialog = document.body.appendChild(original.cloneNode(true));
  dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'confirm') onYes();
    dialog.remove();
  });
  dialog.returnValue = 'deny';
  dialog.showModal();
}

async function send(button) {
  const article = button.closest('article');
  const { block, action, option } = button.dataset;
  button.closest('details.overflow')?.removeAttribute('open');
  button.classList.add('pending');
  button.disabled = true;
  try {
    const response = await fetch('/click', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        as: viewer,
        ts: article.id.slice(1),
        blockId: block,
        actionId: action,
        ...(option === undefined ? {} : { option: Number(option) }),
      }),
    });
    if (!response.ok) say(await response.text());
  } catch {
    say('The demo does not answer any more. Start it again with npm run demo.');
  } finally {
    button.classList.remove('pending');
    button.disabled = false;
  }
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

function fragment(html) {
  return document.createRange().createContextualFragment(html);
}

function putMessage({ id, html }) {
  const old = document.getElementById(id);
  const isAtEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
  if (old) {
    const isOpen = old.querySelector('details.thread')?.open ?? false;
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.action : undefined;
    old.replaceWith(fragment(html));
    const edited = document.getElementById(id);
    const thread = edited.querySelector('details.thread');
    if (thread) thread.open = isOpen;
    if (focused) edited.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus();
  } else {
    messages.append(fragment(html));
  }
  const fresh = document.getElementById(id);
  // What only this person sees answers a click of theirs: it must not appear out of sight.
  if (!old && (isAtEnd || fresh.classList.contains('ephemeral'))) fresh.scrollIntoView({ block: 'end' });
}

function openModal({ id, html }) {
  document.body.append(fragment(html));
  const dialog = document.getElementById(id);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
}

const events = new EventSource(`/events?as=${encodeURIComponent(viewer)}`);
events.addEventListener('message', (event) => putMessage(JSON.parse(event.data)));
events.addEventListener('modal', (event) => openModal(JSON.parse(event.data)));
let wasLost = false;
events.addEventListener('error', () => {
  wasLost = true;
});
// What was sent while the line was down is in the page of the server.
events.addEventListener('open', () => {
  if (wasLost) location.reload();
});
