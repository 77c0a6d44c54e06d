import { mongo } from 'mongoose';

/**
 * Loaded into a server before its own code, for a run that must end in findings. It removes transactions: each statement is
 * visible at once and stays even if later ones fail, and a claim excludes nobody. The run also drops the index that
 * would refuse a second owner.
 */
const session = mongo.ClientSession.prototype;
session.startTransaction = () => undefined;
session.commitTransaction = async () => undefined;
session.abortTransaction = async () => undefined;
