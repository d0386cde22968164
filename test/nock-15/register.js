// Loaded with --import: from here on `nock` is nock 15, which is installed beside it as `nock-15`.
import { register } from 'node:module';

register('./hook.js', import.meta.url);
