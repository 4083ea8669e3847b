import { Module } from '@nestjs/common';
import { taurusdb } from './taurusdb.backend.js';

/** Carries the backend of TaurusDB. */
@Module({})
export class TaurusdbModule {
  static readonly backend = taurusdb;
}
