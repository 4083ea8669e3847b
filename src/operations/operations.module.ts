import { Module } from '@nestjs/common';
import { ApprovalsController } from './approvals.controller.js';
import { ApprovalsService } from './approvals.service.js';
import { ItemsService } from './items.service.js';
import { OperationsController } from './operations.controller.js';
import { OperationsService } from './operations.service.js';

/** The resource `/operations`, and what carries operations out. */
@Module({
  controllers: [OperationsController, ApprovalsController],
  providers: [OperationsService, ItemsService, ApprovalsService],
  exports: [OperationsService],
})
export class OperationsModule {}
