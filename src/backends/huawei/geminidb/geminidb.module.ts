import { Module } from '@nestjs/common';
import { geminidb } from './geminidb.backend.js';

/** Carries the backend of GeminiDB Redis. */
@Module({})
export class GeminidbModule {
  static readonly backend = geminidb;
}
