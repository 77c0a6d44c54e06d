import { mongo } from 'mongoose';

/**
 * Breaks a server on purpose, so that a run must end in findings. It is loaded before the server's own code and removes
 * transactions: each statement is visible at once and stays even if later ones fail. So a claim does not exclude other
 * batches. The run also drops the index that would refuse a second owner.
 */
const session = mongo.ClientSession.prototype;
session.startTransaction = () => undefined;
session.commitTransaction = async () => undefined;
session.abortTransaction = async () => undefined;
