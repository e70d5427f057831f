/* `npm run build`: what is shipped, compiled into dist/. */
import { buildGraphiql, run } from './run.ts';

process.exitCode = (await run('tsc', '-p', 'tsconfig.build.json')) || (await buildGraphiql());
