/**
 * Keeps V8 from collecting dead WebAssembly code, in the whole process, from the import of this module on.
 *
 * V8 13.6 (Node 24) can free the same code twice where modules live in several threads, and then ends the process with
 * `Check failed: jit_page_->allocations_.erase(addr) == 1` (nodejs/node#66366): every job of a service would die with it.
 * Modules are still freed as a whole; what stays is baseline code that was replaced, some megabytes.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-wasm-code-gc');
