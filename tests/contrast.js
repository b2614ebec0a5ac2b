// Measures the contrast of every text on the page with its background (WCAG 2.2, success criterion 1.4.3), and of the
// keyboard's focus (1.4.11, 2.4.7). The page's title then names what falls short.
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const parsed = new Map();
function rgba(colour) {
    if (!parsed.has(colour)) {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
        parsed.set(colour, [red, green, blue, alpha / 255]);
    }
    return parsed.get(colour);
}
const over = (above, below) => [0, 1, 2].map(at => above[at] * above[3] + below[at] * (1 - above[3])).concat([1]);
const linear = part => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
function ratio(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((least, most) => least - most);
    return (high + 0.05) / (low + 0.05);
}
function behind(own) {
    const layers = [];
    for (let at = own; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, above) => over(above, below), [255, 255, 255, 1]);
}
// The colours at nine places of a picture's text, from the shapes painted before it.
function painted(text) {
    const picture = text.ownerSVGElement;
    const inverse = picture.getScreenCTM().inverse();
    const box = text.getBoundingClientRect();
    const shapes = [...picture.querySelectorAll('rect,polygon,circle,path')].filter(
        shape => shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING
            && getComputedStyle(shape).fill !== 'none');
    const found = [];
    for (const across of [0.05, 0.5, 0.95]) {
        for (const down of [0.2, 0.5, 0.8]) {
            const place = new DOMPoint(box.x + across * box.width, box.y + down * box.height).matrixTransform(inverse);
            let colour = behind(picture);
            for (const shape of shapes.filter(shape => shape.isPointInFill(place))) {
                const style = getComputedStyle(shape);
                const fill = rgba(style.fill).slice();
                fill[3] *= style.fillOpacity * style.opacity;
                colour = over(fill, colour);
            }
            found.push(colour);
        }
    }
    return found;
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const short = new Set();
let pairs = 0, ofPictures = 0;
function look(own, words) {
    const style = getComputedStyle(own);
    const ofPicture = own instanceof SVGElement;
    const backs = ofPicture ? painted(own) : [behind(own)];
    const size = parseFloat(style.fontSize), isBold = +style.fontWeight >= 700;
    const least = !ofPicture && (size >= 24 || (isBold && size >= 18.66)) ? 3 : 4.5;
    for (const back of backs) {
        const colour = rgba(ofPicture ? style.fill : style.color).slice();
        colour[3] *= style.opacity * (ofPicture ? style.fillOpacity : 1);
        const found = ratio(over(colour, back), back);
        pairs += 1;
        ofPictures += ofPicture ? 1 : 0;
        if (found < least) short.add(`${words.trim().slice(0, 30)}: ${found.toFixed(2)}`);
    }
}
while (texts.nextNode()) {
    const own = texts.currentNode.parentElement, words = texts.currentNode.data;
    const box = own.getBoundingClientRect();
    if (words.trim() && box.width > 0 && box.height > 0) look(own, words);
}
// The elements that the keyboard reaches, in page order. Measured once the browser gives the page its focus.
function measure() {
    const stops = [...document.querySelectorAll('a[href],[tabindex],summary')].filter(
        own => own.tabIndex >= 0 && own.getClientRects().length > 0 && own.checkVisibility());
    const jumps = [...document.querySelectorAll('[tabindex]')].filter(own => own.tabIndex > 0).length;
    const unseen = [];
    for (const own of stops) {
        own.focus();
        const style = getComputedStyle(own);
        const shows = own === document.activeElement && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
            && ratio(rgba(style.outlineColor), behind(own.parentElement)) >= 3;
        if (!shows && !own.classList.contains('skip')) unseen.push((own.textContent || own.id).trim().slice(0, 30));
        if (own.matches('a')) look(own, own.textContent);
    }
    const skip = document.querySelector('a.skip');
    skip.focus();
    const skipShows = skip.getBoundingClientRect().left >= 0 && document.activeElement === skip;
    const levels = [...document.querySelectorAll('h1,h2,h3,h4')].map(own => +own.tagName[1]);
    document.title = JSON.stringify({
        short: [...short], pairs, ofPictures, unseen, jumps, stops: stops.length, skipShows,
        first: stops[0] === skip, headings: levels[0] === 1 && levels.every((level, at) => at === 0 || level <= levels[at - 1] + 1),
        wider: document.documentElement.scrollWidth - window.innerWidth,
    });
}
let tries = 0;
function wait() {
    if (document.hasFocus() || tries++ > 60) measure();
    else setTimeout(wait, 20);
}
wait();
