import { Module } from '@nestjs/common';
import { dcs } from './dcs.backend.js';

/** Carries the backend of DCS. */
@Module({})
export class DcsModule {
  static readonly backend = dcs;
}
