// What the browser does: it fills the page's parts with what the server draws, and sends what is clicked.

const byId = (id) => document.getElementById(id);

/** Whether a part is open, by its id, where the reader has said so. */
const chosen = new Map();
document.addEventListener('click', ({ target }) => {
  const details = target.closest('summary')?.parentElement;
  if (details?.id) chosen.set(details.id, !details.open);
});

/** Fills parts of the page; what the reader has opened or closed, and where they have scrolled to, stays. */
function fill(parts) {
  for (const [id, text] of Object.entries(parts)) {
    const element = byId(id);
    if (!element) continue;
    const focused = element.contains(document.activeElement) && document.activeElement.closest('details')?.id;
    element.innerHTML = text;
    for (const details of element.querySelectorAll('details[id]'))
      details.open = chosen.get(details.id) ?? details.open;
    if (focused) byId(focused)?.querySelector('summary')?.focus();
  }
}

/** What was asked for is not done; where a field is wrong, it is the one of this argument. */
class Refused extends Error {
  constructor(message, argument) {
    super(message);
    this.argument = argument;
  }
}

/** Offers the machines that the lab has now. */
function offerMachines() {
  const names = [...document.querySelectorAll('[data-machine]')].map(({ dataset }) => dataset.machine);
  for (const select of document.querySelectorAll('select[data-machines]')) {
    const offered = [...select.options].map(({ text }) => text);
    if (names.length === 0 || offered.join() === names.join()) continue;
    const chosen = select.value;
    select.replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
  }
}

async function answerTo(request) {
  const answer = await request;
  const body = await answer.json().catch(() => ({ error: `The server answered ${answer.status}.` }));
  if (!answer.ok) throw new Refused(body.error ?? `The server answered ${answer.status}.`, body.argument);
  return body;
}

const post = (path, body) =>
  answerTo(
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );

/** What a form's fields hold, in the order of the word's arguments. */
function givenBy(form) {
  return [...form.querySelectorAll('[data-argument]')].map((field, n) => {
    const units = [...field.querySelectorAll('input[data-unit]')];
    // An empty field is no zero.
    const numberIn = ({ value }) => (value.trim() === '' ? undefined : Number(value));
    if (units.length > 0)
      return Object.fromEntries(units.map((input) => [input.dataset.unit, numberIn(input) ?? null]));
    const [input] = field.querySelectorAll('select, textarea');
    if (input.dataset.json === undefined) return input.value;
    try {
      return JSON.parse(input.value);
    } catch (error) {
      throw new Refused(`This is no JSON: ${error.message}.`, n);
    }
  });
}

/** Does what a form asks for; what came of it stands in the form, and a field that is wrong is marked. */
async function send(form, act) {
  const button = form.querySelector('button');
  // A second click before the first one is done says nothing new.
  if (button.getAttribute('aria-disabled')) return;
  button.setAttribute('aria-disabled', 'true');
  const told = form.querySelector('.told');
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
  told.textContent = 'under way …';
  told.className = 'told';
  try {
    told.textContent = (await act()).said;
  } catch (error) {
    told.textContent = error.message;
    told.className = 'told reason';
    const fields = form.querySelectorAll('[data-argument]')[error.argument];
    const wrong = fields?.querySelector('input, select, textarea');
    wrong?.setAttribute('aria-invalid', 'true');
    wrong?.focus();
  } finally {
    button.removeAttribute('aria-disabled');
  }
}

function live() {
  const events = new EventSource('/events');
  events.onopen = () => {
    byId('connection').textContent = 'connected';
  };
  events.onerror = () => {
    byId('connection').textContent = 'The command has ended, or cannot be reached.';
  };
  events.onmessage = ({ data }) => {
    const { mode = 'live', ...parts } = JSON.parse(data);
    // The run that was followed is over, and can be replayed.
    if (mode !== 'live') return location.reload();
    fill(parts);
    if (parts.topology) offerMachines();
  };
  // Where the buttons stand above the rest, they do not hide it.
  if (matchMedia('(max-width: 70rem)').matches)
    for (const group of document.querySelectorAll('.controls details')) group.open = false;
  for (const form of document.querySelectorAll('form[data-word]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const { part, word } = form.dataset;
      send(form, () => post('/act', { part, word, given: givenBy(form) }));
    });
  }
  byId('save')?.addEventListener('submit', (event) => {
    event.preventDefault();
    send(byId('save'), () => post('/save', { name: byId('save-name').value }));
  });
}

function replay() {
  const [slider, text, play, run] = ['instant', 'instant-text', 'play', 'run'].map(byId);
  const runNumber = Number(run?.value ?? 0);
  let wanted;
  let asking = false;
  let playing;
  /** One question at a time, and the newest last. */
  const show = async () => {
    text.textContent = `${(Number(slider.value) / 1000).toFixed(1)} s`;
    wanted = slider.value;
    if (asking) return;
    asking = true;
    try {
      while (wanted !== undefined) {
        const ms = wanted;
        wanted = undefined;
        fill(await answerTo(fetch(`/at?run=${runNumber}&ms=${ms}`)));
      }
    } catch {
      byId('connection').textContent = 'The command has ended, or cannot be reached.';
    } finally {
      asking = false;
    }
  };
  slider.addEventListener('input', show);
  run?.addEventListener('change', () => location.assign(`/?run=${run.value}`));
  const stop = () => {
    clearInterval(playing);
    playing = undefined;
    play.textContent = 'Play';
  };
  play.addEventListener('click', () => {
    if (playing) return stop();
    if (Number(slider.value) >= Number(slider.max)) slider.value = 0;
    const [fromMs, beganMs] = [Number(slider.value), performance.now()];
    play.textContent = 'Pause';
    playing = setInterval(() => {
      slider.value = fromMs + performance.now() - beganMs;
      show();
      if (Number(slider.value) >= Number(slider.max)) stop();
    }, 100);
  });
}

// On a narrow screen, now is at the right end.
const line = byId('time-line');
if (line) line.scrollLeft = line.scrollWidth;
if (document.body.dataset.mode === 'replay') replay();
else live();
