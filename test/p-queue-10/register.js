// Loaded with --import: from here on `p-queue` is p-queue 10, which is installed beside it as `p-queue-10`.
import { register } from 'node:module';

register('./hook.js', import.meta.url);
