// The public surface of `holdfast/redis`: sessions and limits that many processes share.
export { redisCooldowns, type RedisCooldowns } from './cooldowns.js';
export { redisCoordinator, type RedisCoordinator } from './coordinator.js';
export type { Ioredis, NodeRedis, RedisClient } from './client.js';
export type { RedisCooldownOptions, RedisOptions } from './options.js';
export type { SealKey } from './seal.js';
