using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>A command is refused; the codes are mongod's, drivers act on them.</summary>
internal sealed class CommandException(ErrorCode code, string message) : Exception(message)
{
    public ErrorCode Code { get; } = code;

    public BsonDocument ToBson() => Error(Code, Message);

    public static BsonDocument Error(ErrorCode code, string message) => new()
    {
        ["ok"] = 0.0,
        ["errmsg"] = message,
        ["code"] = (int)code,
        ["codeName"] = code.ToString(),
    };
}

/// <summary>The part of mongod's error codes that the stand-in answers with.</summary>
internal enum ErrorCode
{
    InternalError = 1,
    BadValue = 2,
    FailedToParse = 9,
    TypeMismatch = 14,
    IllegalOperation = 20,
    AlreadyInitialized = 23,
    NamespaceNotFound = 26,
    IndexNotFound = 27,
    CursorNotFound = 43,
    NamespaceExists = 48,
    MaxTimeMSExpired = 50,
    CommandNotFound = 59,
    ImmutableField = 66,
    WriteConcernFailed = 64,
    InvalidOptions = 72,
    InvalidNamespace = 73,
    NodeNotFound = 74,
    NoReplicationEnabled = 76,
    UnknownReplWriteConcern = 79,
    ShutdownInProgress = 91,
    InvalidReplicaSetConfig = 93,
    NotYetInitialized = 94,
    CannotSatisfyWriteConcern = 100,
    NewReplicaSetConfigurationIncompatible = 103,
    ConfigurationInProgress = 109,
    NotSecondary = 95,
    ConflictingOperationInProgress = 117,
    ExceededTimeLimit = 262,
    CurrentConfigNotCommittedYet = 308,
    NotWritablePrimary = 10107,
    DuplicateKey = 11000,
    InterruptedDueToReplStateChange = 11602,
    NotPrimaryNoSecondaryOk = 13435,
    NotPrimaryOrSecondary = 13436,
}
