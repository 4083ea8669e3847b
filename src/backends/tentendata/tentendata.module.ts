import { Module } from '@nestjs/common';
import { tentendata } from './tentendata.backend.js';

/** Carries the backend of 1010data. */
@Module({})
export class TentendataModule {
  static readonly backend = tentendata;
}
