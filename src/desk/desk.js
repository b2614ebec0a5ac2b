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
    });
    tell();
}
const leave = field => {
    if (reasons?.contains(field)) {
        reasons.open = false;
        reasons.querySelector('summary').focus();
    } else {
        field.blur();
    }
};
document.addEventListener('keydown', event => {
    const target = event.target;
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
// A link to a closed list opens it before the browser goes there.
document.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]');
    const list = link && document.getElementById(link.hash.slice(1))?.closest('details');
    if (list) list.open = true;
});
// An answer needs a moment on the page: the second press of a key that was meant for the case before answers nothing.
const READING = 1000;
if (document.querySelector('.answer')) {
    setTimeout(() => { document.body.dataset.answers = 'on'; }, READING);
}
// One answer for one page, however often a button is pressed.
document.addEventListener('submit', event => {
    const form = event.target;
    if (form.dataset.sent || form.matches('.answer') && document.body.dataset.answers !== 'on') {
        event.preventDefault();
        return;
    }
    form.dataset.sent = 'yes';
});
// Leaves the page when nobody has used it for long, also after the machine slept.
const opened = Date.now(), idle = 1000 * Number(document.body.dataset.idle);
if (idle > 0) {
    const leave = () => {
        if (Date.now() - opened >= idle) location.replace(document.body.dataset.locked);
    };
    setTimeout(leave, idle + 50);
    document.addEventListener('visibilitychange', leave);
    // A browser that keeps pages in spite of no-store asks the server for the one that it goes back to.
    addEventListener('pageshow', event => {
        if (event.persisted) location.reload();
    });
}
