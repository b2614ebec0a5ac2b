// Answers by keyboard. A key does what the control with that data-key does; data-focus moves the focus there. Nothing is
// stored, and the pages work without this file.
'use strict';
const isTyping = target => target.matches('input:not([type=hidden]), select, textarea');
const reasons = document.querySelector('.reasons');
// The closed list says what is chosen in it.
const tell = () => {
    reasons.querySelector('.chosen').textContent = reasons.querySelector(':checked').dataset.words;
};
const enter = () => reasons.querySelector(':checked').focus();
if (reasons) {
    reasons.addEventListener('change', tell);
    // Opened by mouse as by key, the list has the focus; unless that has moved on meanwhile.
    reasons.addEventListener('toggle', () => {
        if (reasons.open && document.activeElement.matches('.reasons summary')) enter();
        if (!reasons.open) dead.textContent = '';
    });
    tell();
}
const dead = document.querySelector('.dead');
// The list was just closed by key: an Enter that comes with it does not open it again.
let closed = false;
const leave = field => {
    if (reasons?.contains(field)) {
        reasons.open = false;
        dead.textContent = '';
        reasons.querySelector('summary').focus();
        closed = true;
    } else {
        field.blur();
    }
};
document.addEventListener('keydown', event => {
    const target = event.target;
    const again = closed && event.key === 'Enter' && target.matches('.reasons summary');
    closed = closed && again && event.repeat;
    if (again) {
        event.preventDefault();
        return;
    }
    if (['Escape', 'Enter'].includes(event.key) && target.matches('.answer input')) {
        // Enter in a field answers nothing.
        event.preventDefault();
        leave(target);
        return;
    }
    if (document.body.dataset.keys !== 'on' || event.repeat || event.ctrlKey || event.altKey || event.metaKey) {
        return;
    }
    const key = event.key.toLowerCase();
    const named = attribute => [...document.querySelectorAll(`[${attribute}]`)].find(
        own => own.getAttribute(attribute) === key && !own.disabled);
    if (isTyping(target)) {
        // In the list of reasons digits choose; letters answer nothing in any field.
        const reason = target.matches('.reasons input') && named('data-digit');
        if (reason) {
            event.preventDefault();
            reason.checked = true;
            tell();
            leave(reason);
        } else if (target.matches('.reasons input') && (named('data-key') || named('data-focus'))) {
            dead.textContent = `The reasons are open, so ${event.key.toUpperCase()} does nothing. A digit chooses one; Enter closes them.`;
        }
        return;
    }
    const control = named('data-key'), field = named('data-focus');
    if (control || field) {
        event.preventDefault();
        if (control) control.click();
        else field.focus();
    }
    // Before the next key comes.
    if (control?.matches('.reasons summary') && reasons.open) enter();
});
// A link to a closed list opens it before the browser goes there; once more, it leads back.
let from;
document.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]');
    const list = link && document.getElementById(link.hash.slice(1))?.closest('details');
    if (!list) return;
    const leads = !list.open || from === undefined;
    if (!leads) {
        event.preventDefault();
        scrollTo(0, from);
    }
    from = leads ? scrollY : undefined;
    list.open = leads;
});
// An answer needs a moment on the page: the second press of a key that was meant for the case before answers nothing.
const READING = 1000;
const careful = '.answer, .careful';
if (document.querySelector(careful)) {
    setTimeout(() => { document.body.dataset.answers = 'on'; }, READING);
}
// One answer for one page, however often a button is pressed.
document.addEventListener('submit', event => {
    const form = event.target;
    const waits = form.matches(careful) && event.submitter?.value !== 'back' && document.body.dataset.answers !== 'on';
    if (form.dataset.sent || waits) {
        event.preventDefault();
        return;
    }
    form.dataset.sent = 'yes';
});
// Leaves the page when nobody has used it for long, also after the machine slept, and says so before. Whoever types or
// moves about uses it: the server is told so, by an empty request, at most every 20 seconds.
const idle = 1000 * Number(document.body.dataset.idle), WARNING = 16000, OFTEN = 20000;
if (idle > 0) {
    const { locked, used } = document.body.dataset;
    const warning = document.querySelector('.locking');
    // Other tabs of the same reviewer are used as well.
    const tabs = new BroadcastChannel(used);
    let told = Date.now(), asked = 0, waiting;
    const isUsed = at => { told = Math.max(told, at); look(); };
    const tell = () => {
        const at = asked = Date.now();
        waiting = undefined;
        fetch(used, { method: 'POST', redirect: 'error' }).then(answer => {
            if (answer.ok) { isUsed(at); tabs.postMessage(at); }
        }, () => {});
    };
    const look = () => {
        const left = told + idle - Date.now();
        if (left <= 0) location.replace(locked);
        const said = left <= WARNING ? 'This page is about to lock. Press a key or move the pointer to stay.' : '';
        if (warning.textContent !== said) warning.textContent = said;
    };
    const use = () => {
        const rest = Math.max(told, asked) + OFTEN - Date.now();
        if (rest <= 0) { clearTimeout(waiting); tell(); } else waiting ??= setTimeout(tell, rest);
    };
    for (const kind of ['keydown', 'input', 'pointermove', 'pointerdown', 'scroll']) {
        addEventListener(kind, use, { capture: true, passive: true });
    }
    tabs.onmessage = event => isUsed(event.data);
    tabs.postMessage(told);
    setInterval(look, 1000);
    document.addEventListener('visibilitychange', look);
    // A browser that keeps pages in spite of no-store asks the server for the one that it goes back to.
    addEventListener('pageshow', event => {
        if (event.persisted) location.reload();
    });
}
