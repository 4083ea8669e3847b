import { Module } from '@nestjs/common';
import { TargetsController } from './targets.controller.js';
import { TargetsService } from './targets.service.js';

/** The resource `/targets`. */
@Module({ controllers: [TargetsController], providers: [TargetsService] })
export class TargetsModule {}
