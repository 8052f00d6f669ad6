using System.Xml;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>ISO 8601 periods of rotation policies: P90D, P2Y.</summary>
internal static class Periods
{
    private static readonly TimeSpan Shortest = TimeSpan.FromDays(28);

    public static TimeSpan Parse(string period)
    {
        try
        {
            return XmlConvert.ToTimeSpan(period);
        }
        catch (FormatException)
        {
            throw AzureRefusal.BadParameter($"'{period}' is not an ISO 8601 period.");
        }
    }

    /// <summary>For how long a version lives; the service wants 28 days at least.</summary>
    public static string? Expiry(string? period) =>
        string.IsNullOrEmpty(period) ? null
        : Parse(period) >= Shortest ? period
        : throw AzureRefusal.BadParameter("The expiryTime of a key rotation policy must be at least 28 days.");
}
