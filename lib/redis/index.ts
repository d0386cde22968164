// The public surface of `holdfast/redis`: sessions that many processes share.
export { redisCoordinator, type RedisCoordinator } from './coordinator.js';
export type { Ioredis, NodeRedis, RedisClient } from './client.js';
export type { RedisOptions } from './options.js';
export type { SealKey } from './seal.js';
