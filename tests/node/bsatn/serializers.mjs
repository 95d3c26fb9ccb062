// The npm package's own serializers, driven from Python: one JSON document in, one out.
//
// in:  {seed, jobs: [{type, types, values: [hex], count}]}; `type` is the SATS-JSON of a type, or the name of one of the
//      package's message types; `types` is the typespace.
// out: [{described, again, made, madeDescribed}]: what each value says (values.mjs), its bytes written again,
//      and `count` random values of the package's own making with what they say.
import { register } from 'node:module';
import { text } from 'node:stream/consumers';
import { describe, make, randomness } from './values.mjs';

register('./expose-messages.mjs', import.meta.url);
const { AlgebraicType, BinaryReader, BinaryWriter, ClientMessage, ServerMessage } = await import('spacetimedb');
const MESSAGES = { ClientMessage, ServerMessage };

function member({ name, algebraic_type }) {
  return { name: name.some, algebraicType: typeFrom(algebraic_type) };
}

function typeFrom(data) {
  const [[tag, payload]] = Object.entries(data);
  switch (tag) {
    case 'Ref':
      return AlgebraicType.Ref(payload);
    case 'Array':
      return AlgebraicType.Array(typeFrom(payload));
    case 'Product':
      return AlgebraicType.Product({ elements: payload.elements.map(member) });
    case 'Sum':
      return AlgebraicType.Sum({ variants: payload.variants.map(member) });
  }
  return AlgebraicType[tag];
}

function toHex(serialize, value) {
  const writer = new BinaryWriter(16);
  serialize(writer, value);
  return Buffer.from(writer.getBuffer()).toString('hex');
}

function fromHex(deserialize, hex) {
  const reader = new BinaryReader(Uint8Array.from(Buffer.from(hex, 'hex')));
  const value = deserialize(reader);
  if (reader.remaining !== 0) throw new Error(`${reader.remaining} of ${hex.length / 2} bytes left over`);
  return value;
}

function run(job, random) {
  const type = typeof job.type === 'string' ? MESSAGES[job.type].algebraicType : typeFrom(job.type);
  const types = job.types.map(typeFrom);
  const serialize = AlgebraicType.makeSerializer(type, { types });
  const deserialize = AlgebraicType.makeDeserializer(type, { types });
  const read = job.values.map((hex) => fromHex(deserialize, hex));
  const made = Array.from({ length: job.count }, () => make(type, types, random));
  return {
    described: read.map((value) => describe(type, types, value)),
    again: read.map((value) => toHex(serialize, value)),
    made: made.map((value) => toHex(serialize, value)),
    madeDescribed: made.map((value) => describe(type, types, value)),
  };
}

const { seed, jobs } = JSON.parse(await text(process.stdin));
const random = randomness(seed);
process.stdout.write(JSON.stringify(jobs.map((job) => run(job, random))));
