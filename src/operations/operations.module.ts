import { Module } from '@nestjs/common';
import { ItemsService } from './items.service.js';
import { OperationsController } from './operations.controller.js';
import { OperationsService } from './operations.service.js';

/** The resource `/operations`, and what carries operations out. */
@Module({
  controllers: [OperationsController],
  providers: [OperationsService, ItemsService],
  exports: [OperationsService],
})
export class OperationsModule {}
