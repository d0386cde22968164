// Which seed of the simulation is the first that breaks an invariant: `tsx test/mutations/first-seed.ts 250`.
import { sweep } from '../simulation/sweep.js';

const finding = await sweep(1, Number(process.argv[2]));
console.log(finding ? `seed ${finding.seed}, ${finding.error.message.slice(0, 100)}` : 'nothing');
