import { Module } from '@nestjs/common';
import { MeController } from './me.controller.js';

/** The resource `/me`. */
@Module({ controllers: [MeController] })
export class MeModule {}
