/* `npm run lab -- up|down|status|seed`: real Docker engines side by side on this machine. */
import { labPaths } from './paths.ts';
import { seed } from './seed/seed.ts';
import { status } from './status.ts';
import { down, up } from './up.ts';

const USAGE = `Usage: npm run lab -- COMMAND

  up       start what does not run: five engines, three registries, three ssh servers
  seed     put the images in that tests, demo and bench expect
  status   say what runs
  down     stop everything and remove it

DOCKGRAPH_LAB_ROOT and DOCKGRAPH_LAB_CACHE say where it lives and where packages are kept.
`;

async function main(command: string | undefined): Promise<number> {
  const paths = labPaths();
  const began = Date.now();
  const done = (what: string) =>
    console.log(`${what} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  switch (command) {
    case 'up':
      await up(paths, console.log);
      done(`the lab is up (hosts file: ${paths.hostsFile})`);
      return 0;
    case 'seed':
      await seed(paths, console.log);
      done('the lab is seeded');
      return 0;
    case 'down':
      await down(paths);
      done('the lab is down and removed');
      return 0;
    case 'status':
      return status(paths, console.log);
    case undefined:
    default:
      console.error(USAGE);
      return 2;
  }
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
