import { Module } from '@nestjs/common';
import { FreezesController } from './freezes.controller.js';
import { FreezesService } from './freezes.service.js';

/** The resource `/freezes`. */
@Module({ controllers: [FreezesController], providers: [FreezesService] })
export class FreezesModule {}
