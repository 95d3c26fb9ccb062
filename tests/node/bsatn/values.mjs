// Walks values by their algebraic type: a form to compare with Python's, and random ones.

const BITS = new Map([8, 16, 32, 64, 128, 256].flatMap((n) => [[`U${n}`, [n, false]], [`I${n}`, [n, true]]]));
const BIG = 64; // from this width on the package has bigints

export const isOption = ({ value }) => value.variants.length === 2 && value.variants[0].name === 'some';
const isResult = ({ value }) => value.variants.length === 2 && value.variants[0].name === 'ok';

function follow(type, types) {
  while (type.tag === 'Ref') type = types[type.value];
  return type;
}

function floatHex(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(number);
  return bytes.toString('hex');
}

/** What a value says: integers as text, floats as bits, bytes as hex, products as lists, sums as [tag, payload]. */
export function describe(type, types, value) {
  type = follow(type, types);
  if (BITS.has(type.tag)) return String(value);
  switch (type.tag) {
    case 'F32':
    case 'F64':
      return floatHex(value);
    case 'Bool':
    case 'String':
      return value;
    case 'Array':
      if (type.value.tag === 'U8') return Buffer.from(value).toString('hex');
      return Array.from(value, (item) => describe(type.value, types, item));
    case 'Product':
      return type.value.elements.map((e) => describe(e.algebraicType, types, value[e.name]));
  }
  const variants = type.value.variants;
  if (isOption(type)) return value === undefined ? null : [describe(variants[0].algebraicType, types, value)];
  const tag = isResult(type) ? ('ok' in value ? 0 : 1) : variants.findIndex((v) => v.name === value.tag);
  const payload = isResult(type) ? (tag === 0 ? value.ok : value.err) : value.value;
  return [tag, describe(variants[tag].algebraicType, types, payload)];
}

/** A generator of 32-bit numbers (mulberry32), so that a seed gives the same values again. */
export function randomness(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  return { next, below: (limit) => next() % limit };
}

function randomInt(random, bits, isSigned) {
  let number = 0n;
  for (let at = 0; at < bits; at += 32) number = (number << 32n) | BigInt(random.next());
  if (random.below(4) === 0) number = [0n, 1n, -1n, 1n << BigInt(bits - 1)][random.below(4)];
  number = isSigned ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number);
  return bits < BIG ? Number(number) : number;
}

const LETTERS = ['a', 'Z', '"', '\\', '\n', 'é', '漢', '𝄞', '\u0000', ' '];
const FLOATS = [0, -0, 1.5, -1e30, Infinity, -Infinity, 1e-40];

/** A random value, as the package holds it. */
export function make(type, types, random, depth = 0) {
  type = follow(type, types);
  if (BITS.has(type.tag)) return randomInt(random, ...BITS.get(type.tag));
  const several = (limit, one) => Array.from({ length: random.below(depth > 4 ? 1 : limit) }, one);
  switch (type.tag) {
    case 'F32':
      return Math.fround(FLOATS[random.below(FLOATS.length)] || random.next() / 1000);
    case 'F64':
      return FLOATS[random.below(FLOATS.length)] || random.next() / 1000;
    case 'Bool':
      return random.below(2) === 1;
    case 'String':
      return several(8, () => LETTERS[random.below(LETTERS.length)]).join('');
    case 'Array':
      if (type.value.tag === 'U8') return Uint8Array.from(several(20, () => random.below(256)));
      return several(4, () => make(type.value, types, random, depth + 1));
    case 'Product':
      return Object.fromEntries(
        type.value.elements.map((e) => [e.name, make(e.algebraicType, types, random, depth + 1)])
      );
  }
  const variants = type.value.variants;
  const tag = depth > 6 ? variants.length - 1 : random.below(variants.length);
  const payload = (at) => make(variants[at].algebraicType, types, random, depth + 1);
  if (isOption(type)) return tag === 0 ? payload(0) : undefined;
  // The package writes an err with the serializer of ok: only ok can be made with it.
  if (isResult(type)) return { ok: payload(0) };
  return { tag: variants[tag].name, value: payload(tag) };
}
