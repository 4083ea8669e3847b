import { Module } from '@nestjs/common';
import { ApprovalsController } from './approvals.controller.js';
import { ApprovalsService } from './approvals.service.js';
import { FollowController } from './follow.controller.js';
import { FollowService } from './follow.service.js';
import { ListService } from './list.service.js';
import { ItemsService } from './items.service.js';
import { OperationsController } from './operations.controller.js';
import { OperationsService } from './operations.service.js';

/** The resource `/operations`, and what carries operations out. */
@Module({
  controllers: [OperationsController, ApprovalsController, FollowController],
  providers: [OperationsService, ListService, ItemsService, ApprovalsService, FollowService],
  exports: [OperationsService],
})
export class OperationsModule {}
