// A spoken turn as a line of time: from the end of the utterance to the end of the answer.
import {CLAUSE_TOKENS, SPOKEN_TOKENS_PER_S, type VoiceTurn} from '../data/voice';
import {quantity, ratioText} from '../data/quantity';
import {figure} from '../ui/figure';
import {tickText} from '../ui/frame';
import {h, s} from '../ui/h';
import {linearTicks, place, type Axis} from '../ui/scale';

const W = 620,
  H = 176,
  LEFT = 92,
  RIGHT = 14;

function bar(
  x: Axis,
  from: number,
  to: number,
  y: number,
  className: string,
  label: string,
): SVGElement {
  return s(
    'g',
    {},
    s('title', {}, label),
    s('rect', {
      class: className,
      x: place(x, from),
      width: Math.max(1.5, place(x, to) - place(x, from)),
      y,
      height: 20,
      rx: 2,
    }),
  );
}

export function voiceFigure(turn: VoiceTurn | null): HTMLElement | null {
  if (!turn) return null;
  const lastToken = turn.tokens[turn.tokens.length - 1] ?? turn.clause;
  const spokenEnd =
    turn.spoken.length > 0
      ? turn.spoken[turn.spoken.length - 1]! + 1 / SPOKEN_TOKENS_PER_S
      : turn.clause;
  // Speech lasts far longer than fast devices compute: past the edge only an arrow goes on.
  const end = Math.min(
    Math.max(lastToken, spokenEnd, turn.clause * 1.2),
    Math.max(lastToken * 1.4, turn.clause * 4),
  );
  const x: Axis = {log: false, low: 0, high: end * 1.02, from: LEFT, to: W - RIGHT};
  const first = turn.firstToken ?? turn.clause;
  const stalls = turn.stalls.length;
  const says =
    `${quantity(turn.clause, 's')} after the utterance the first clause of ${CLAUSE_TOKENS} tokens can be spoken` +
    (turn.headroom === null
      ? '.'
      : `; tokens come ${ratioText(turn.headroom)} as fast as they are spoken.`);
  const svg = s(
    'svg',
    {
      class: 'plot-svg',
      viewBox: `0 0 ${W} ${H}`,
      role: 'img',
      'aria-label': `${says} ${stalls === 0 ? 'Speech never waits.' : `Speech waits ${stalls} times.`}`,
    },
    linearTicks(0, end, 6).map((tick) =>
      s(
        'g',
        {},
        s('line', {class: 'grid', x1: place(x, tick), x2: place(x, tick), y1: 24, y2: H - 40}),
        s(
          'text',
          {class: 'tick', x: place(x, tick), y: H - 24, 'text-anchor': 'middle'},
          tick === 0 ? '0' : tickText(tick, 's'),
        ),
      ),
    ),
    s(
      'text',
      {class: 'axis-name', x: (LEFT + W - RIGHT) / 2, y: H - 4, 'text-anchor': 'middle'},
      'since the utterance ended',
    ),
    s('text', {class: 'lane', x: LEFT - 8, y: 52, 'text-anchor': 'end'}, 'device'),
    s('text', {class: 'lane', x: LEFT - 8, y: 96, 'text-anchor': 'end'}, 'speech'),
    bar(x, 0, first, 37, 'lane-prefill', `reads the utterance, ${quantity(first, 's')}`),
    turn.tokens.length > 1 &&
      bar(
        x,
        first,
        lastToken,
        37,
        'lane-decode',
        `generates ${turn.tokens.length} tokens until ${quantity(lastToken, 's')}`,
      ),
    bar(
      x,
      turn.clause,
      Math.min(end * 1.02, Math.max(spokenEnd, turn.clause)),
      81,
      'lane-speech',
      `spoken at 160 words a minute, until ${quantity(spokenEnd, 's')}`,
    ),
    spokenEnd > end &&
      s(
        'text',
        {class: 'lane-more', x: W - RIGHT - 6, y: 95, 'text-anchor': 'end'},
        `until ${quantity(spokenEnd, 's')} →`,
      ),
    turn.stalls
      .filter((at) => at < end)
      .map((at) =>
        s('line', {class: 'stall', x1: place(x, at), x2: place(x, at), y1: 77, y2: 105}),
      ),
    s('line', {
      class: 'mark',
      x1: place(x, turn.clause),
      x2: place(x, turn.clause),
      y1: 20,
      y2: 105,
    }),
    s(
      'text',
      {class: 'mark-name', x: place(x, turn.clause) + 5, y: 17, 'text-anchor': 'start'},
      `first clause ${quantity(turn.clause, 's')}`,
    ),
  );
  const key = (color: string, text: string): HTMLElement =>
    h('span', {}, h('i', {class: 'key key-dots', style: `color: var(${color})`}), text);
  const legend = h(
    'div',
    {class: 'legend'},
    key('--c2', 'reads the utterance'),
    key('--c1', 'writes the answer'),
    key('--c3', 'is heard'),
  );
  return figure(
    'A spoken turn',
    [legend, svg],
    [
      says,
      ' ',
      stalls === 0 ? 'Speech never waits for a token. ' : `Speech waits ${stalls} times. `,
      `${turn.utterance} tokens heard behind ${turn.system} cached ones; no speech recognition or synthesis is in these times.`,
    ],
  );
}
