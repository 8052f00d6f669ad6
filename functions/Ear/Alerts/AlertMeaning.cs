using System.Globalization;
using Ear.CustomerKeys.Validation;

namespace Ear.Alerts;

/// <summary>What an alert says to a person, and what to do about it.</summary>
public static class AlertMeaning
{
    public static string Of(Alert alert) => alert.Type switch
    {
        KeyNews.NetworkAccessDenied => "the key service cannot be reached. Nothing is stopped, but processes that restart cannot come up until it can be reached.",
        KeyNews.ConfigNoLongerValid => "the encryption key can no longer be used, so the clusters that need it are shut down until it can.",
        _ when AlertTypes.CountsDays(alert.Type) && alert.AgeFrom is { } from
            => string.Create(CultureInfo.InvariantCulture, $"the encryption key has been in use since {from.UtcDateTime:yyyy-MM-dd}. Make a new key or version, then set it with PATCH encryptionAtRest."),
        _ => "the encryption key or its credentials are not valid. Restore the key, or update the credentials, then GET encryptionAtRest to try again.",
    };
}
