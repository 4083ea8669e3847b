import { Module } from '@nestjs/common';
import { gaussdb } from './gaussdb.backend.js';

/** Carries the backend of GaussDB. */
@Module({})
export class GaussdbModule {
  static readonly backend = gaussdb;
}
