import type { ServerResponse } from 'node:http';
import { tarFile } from '../../src/archive/tar-header.ts';
import { archiveFiles } from './fake-content.ts';
import type { ArchiveLayout, FakeFile } from './fake-content.ts';
import type { FakeImage } from './fake-image.ts';

const CHUNK = 64 * 1024;

/** How a fake engine's save goes wrong. Entries are counted in the archive's own order. */
export type SaveFault =
  /** Sends so many whole entries; then the body ends in good order, or the connection breaks. */
  | { kind: 'CUT'; entries: number; by: 'END' | 'BREAK' }
  /** The connection breaks after so many bytes. */
  | { kind: 'BREAK_AFTER'; bytes: number }
  /** Sends so many bytes and goes on when it may; before the headers where it is none. */
  | { kind: 'PAUSE_AFTER'; bytes: number; until: Promise<void> }
  /** One bit of this entry's content is another. */
  | { kind: 'FLIP'; entry: string }
  /** Breaks it off after so many whole entries with a complaint behind them, as engines do. */
  | { kind: 'COMPLAIN_AFTER'; entries: number; message: string }
  /** A whole tar without files. */
  | { kind: 'NO_FILES' }
  /** A whole archive that names no image. */
  | { kind: 'NO_IMAGES' }
  /** The entry's header says one byte more than there is. */
  | { kind: 'LIE_ABOUT_SIZE'; entry: string }
  /** The archive is whole, but for this entry. */
  | { kind: 'LEAVE_OUT'; entry: string }
  /** No engine's layout: the configuration is not named by its digest. */
  | { kind: 'NAME_CONFIG_ODDLY' };

/** The path of the largest entry in an image's archive, which is a layer. */
export function largestEntry(image: FakeImage, layout: ArchiveLayout): string {
  const bySize = (a: FakeFile, b: FakeFile) => b.content.length - a.content.length;
  return archiveFiles(image, layout).toSorted(bySize)[0]!.path;
}

/** Answers `GET /images/get` of one image. */
export async function playSave(
  image: FakeImage,
  layout: ArchiveLayout,
  response: ServerResponse,
  fault: SaveFault | undefined,
): Promise<void> {
  const files = archiveFiles(image, layout);
  const end = Buffer.alloc(1024);
  const whole = Buffer.concat([...files.map(entry), end]);
  const begin = () => {
    response.writeHead(200, { 'Content-Type': 'application/x-tar' }).flushHeaders();
  };
  let goOn = () => {};
  response.on('drain', () => goOn()).once('close', () => goOn());
  const send = async (bytes: Buffer) => {
    for (let at = 0; at < bytes.length && !response.destroyed; at += CHUNK) {
      if (response.write(bytes.subarray(at, at + CHUNK))) continue;
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    }
  };
  const first = (count: number) => Buffer.concat(files.slice(0, count).map(entry));
  if (fault?.kind === 'PAUSE_AFTER' && fault.bytes === 0) await fault.until;
  begin();
  switch (fault?.kind) {
    case undefined:
      await send(whole);
      break;
    case 'CUT':
      await send(first(fault.entries));
      if (fault.by === 'BREAK') return breakOff(response);
      break;
    case 'BREAK_AFTER':
      await send(whole.subarray(0, fault.bytes));
      return breakOff(response);
    case 'PAUSE_AFTER':
      await send(whole.subarray(0, fault.bytes));
      await fault.until;
      await send(whole.subarray(fault.bytes));
      break;
    case 'FLIP':
      await send(Buffer.concat([...files.map((file) => entry(flipped(file, fault.entry))), end]));
      break;
    case 'COMPLAIN_AFTER':
      await send(first(fault.entries));
      response.write(
        `${JSON.stringify({ message: fault.message, errorDetail: { message: fault.message }, error: fault.message })}\n`,
      );
      break;
    case 'NO_FILES':
      await send(end);
      break;
    case 'NO_IMAGES':
      await send(
        Buffer.concat([entry({ path: 'manifest.json', content: Buffer.from('[]') }), end]),
      );
      break;
    case 'LIE_ABOUT_SIZE':
      await send(
        Buffer.concat([
          ...files.map((file) => (file.path === fault.entry ? lying(file) : entry(file))),
          end,
        ]),
      );
      break;
    case 'NAME_CONFIG_ODDLY':
      await send(Buffer.concat([...files.map(oddly).map(entry), end]));
      break;
    case 'LEAVE_OUT':
      await send(
        Buffer.concat([...files.filter(({ path }) => path !== fault.entry).map(entry), end]),
      );
  }
  response.end();
}

function entry({ path, content }: FakeFile): Buffer {
  return tarFile(path, content);
}

/** In an archive of engines to 24. */
function oddly({ path, content }: FakeFile): FakeFile {
  if (/^[0-9a-f]{64}\.json$/.test(path)) return { path: 'config.json', content };
  if (path !== 'manifest.json') return { path, content };
  const [item] = JSON.parse(content.toString()) as object[];
  return { path, content: Buffer.from(JSON.stringify([{ ...item, Config: 'config.json' }])) };
}

function flipped(file: FakeFile, path: string): FakeFile {
  if (file.path !== path) return file;
  const content = Buffer.from(file.content);
  content[content.length >> 1]! ^= 1;
  return { path, content };
}

/** The entry with the header of one that is a byte longer. */
function lying({ path, content }: FakeFile): Buffer {
  const longer = tarFile(path, Buffer.concat([content, Buffer.alloc(1)]));
  const bytes = tarFile(path, content);
  longer.copy(bytes, 0, 0, 512);
  return bytes;
}

/** When all that was sent is on its way. */
function breakOff(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const socket = response.socket!;
    response.write('', () => {
      socket.destroySoon();
      resolve();
    });
  });
}
