// `describe`: prints in hex what the module of board.ts describes itself as.
// `echo`: reads definitions in hex, one a line, decodes each with the npm package's types and prints it encoded again.
import { readFileSync } from 'node:fs';
import { RawModuleDef } from '../node_modules/spacetimedb/src/lib/autogen/types';
import BinaryReader from '../node_modules/spacetimedb/src/lib/binary_reader';
import BinaryWriter from '../node_modules/spacetimedb/src/lib/binary_writer';
import { moduleHooks } from 'spacetime:sys@2.0';
import * as board from './board';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

if (process.argv[2] === 'describe') {
  process.stdout.write(hex((board.default as any)[moduleHooks](board).__describe_module__()) + '\n');
} else {
  const lines = readFileSync(0, 'utf8').trim().split('\n');
  for (const line of lines) {
    const value = RawModuleDef.deserialize(new BinaryReader(Buffer.from(line, 'hex')));
    const writer = new BinaryWriter(128);
    RawModuleDef.serialize(writer, value);
    process.stdout.write(hex(writer.getBuffer()) + '\n');
  }
}
