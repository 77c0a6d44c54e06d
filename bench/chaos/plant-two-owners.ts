import { mongo } from 'mongoose';

/**
 * Loaded into a server before its own code, for a run that has to end in findings: every transaction is none, so that
 * each of its statements is seen at once and kept whatever becomes of the others, and no claim keeps anybody away. The
 * run also takes away the index that would refuse a second owner.
 */
const session = mongo.ClientSession.prototype;
session.startTransaction = () => undefined;
session.commitTransaction = async () => undefined;
session.abortTransaction = async () => undefined;
