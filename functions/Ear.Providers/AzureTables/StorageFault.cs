using System.Net;
using Azure;
using Azure.Data.Tables;
using Azure.Identity;

namespace Ear.Providers.AzureTables;

/// <summary>What the storage account's answers mean for whoever runs Ear.</summary>
internal static class StorageFault
{
    private const string NoTable = "TableNotFound";

    /// <summary>A row is not as it was read: there already, gone, or changed.</summary>
    public static bool IsRace(RequestFailedException e)
        => e.Status is (int)HttpStatusCode.PreconditionFailed
            || (e.Status is (int)HttpStatusCode.Conflict && e.ErrorCode is "EntityAlreadyExists" or "UpdateConditionNotSatisfied")
            || (e.Status is (int)HttpStatusCode.NotFound && e.ErrorCode is "ResourceNotFound" or "EntityNotFound");

    /// <summary>The table itself is not there; a row that is not there is told by another code.</summary>
    public static bool IsNoTable(RequestFailedException e) => e.ErrorCode is NoTable;

    /// <inheritdoc cref="IsNoTable(RequestFailedException)"/>
    public static bool IsNoTable(StoreException e) => e.InnerException is RequestFailedException fault && IsNoTable(fault);

    /// <summary>The account said so, or said nothing; everything else is about what lies in it.</summary>
    public static bool IsOfTheAccount(StoreException e) => e.InnerException is not null;

    /// <summary>
    /// The answer to a transaction is a 202 around its result, so the pipeline, which sees the 202, does not repeat a fault inside it.
    /// </summary>
    public static bool IsPassing(RequestFailedException e)
        => e is TableTransactionFailedException && e.Status is 408 or 429 or 500 or 502 or 503 or 504;

    public static StoreException Tell(Exception e) => new(
        e switch
        {
            AuthenticationFailedException => $"Ear cannot sign in to its storage account ({e.Message}). Give the app its identity (Ear:Identity:ClientId), or check that the identity exists.",
            RequestFailedException { Status: 401 or 403 } r => $"The storage account refuses Ear ({r.ErrorCode ?? "403"}). Give the app's identity \"Storage Table Data Contributor\" and "
                + "\"Storage Blob Data Contributor\" on the account, and let its firewall admit the app's network.",
            RequestFailedException { ErrorCode: NoTable or "ContainerNotFound" } => "A table or the container of Ear's store is gone. Restore it, or start Ear again to begin with an empty store.",
            RequestFailedException { ErrorCode: "TableBeingDeleted" or "ContainerBeingDeleted" } => "A table or the container of Ear's store is being deleted. Wait until that is done and start Ear again.",
            RequestFailedException { Status: 413 } => "The storage account refuses the save as too large.",
            RequestFailedException { Status: 429 or 503 } => "The storage account is overloaded and stayed so over all repeats; whether the last save was kept is not known. Ear goes on by itself.",
            RequestFailedException r => $"The storage account failed with {r.Status} {r.ErrorCode}; whether the last save was kept is not known.",
            _ => $"The storage account gave no answer over all repeats ({e.Message}); whether the last save was kept is not known. Check the network between Ear and the account.",
        }, e);
}
