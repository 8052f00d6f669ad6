// Azurite on free ports, in memory, until whoever started it closes standard input (or dies).
import { createRequire } from 'node:module';

process.stdin.on('end', () => process.exit(0)).resume();
process.argv.push('--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck', '--tablePort', '0', '--blobPort', '0', '--queuePort', '0');
createRequire(import.meta.url)('azurite/dist/src/azurite.js');
