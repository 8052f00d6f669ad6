using System.Collections.Immutable;
using Ear.Projects;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Projects;

/// <summary>Settings of projects, section <c>Ear:Projects</c>.</summary>
public sealed class ProjectOptions
{
    public const string Section = "Ear:Projects";

    /// <summary>Ear's own AWS principal, which customers name in the trust policies of their roles. Default: none, and AWS roles are refused.</summary>
    public string? AwsAccountArn { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Ear's own Entra application (multi-tenant), for which customers make service principals: a uuid. Default: none, and Azure roles are refused.</summary>
    public string? AzureAppId { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Ear's own Google service account, which customers let use their keys: an e-mail address. Default: none, and Google roles are refused.</summary>
    public string? GcpServiceAccount { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>What the one organisation of this Ear is called, as project names are. Default Ear.</summary>
    public string OrganizationName { get; set; } = "Ear";

    /// <summary>Who is mailed as Project Owner of projects that are made through the API, separated by commas: API keys and service accounts have no address. Default: nobody.</summary>
    public string OwnerEmails { get; set; } = "";

    public ImmutableArray<string> OwnerEmailList() => [.. OwnerEmails.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}

internal sealed class ProjectOptionsFaults : IValidateOptions<ProjectOptions>
{
    public ValidateOptionsResult Validate(string? name, ProjectOptions options)
    {
        var faults = new OptionFaults(ProjectOptions.Section);
        if (options.AwsAccountArn is { } arn && !arn.StartsWith("arn:aws", StringComparison.Ordinal))
            faults.Add(nameof(options.AwsAccountArn), "is no ARN; write as arn:aws:iam::123456789012:role/ear, or leave it empty.");
        if (options.AzureAppId is { } app && !Guid.TryParseExact(app, "D", out _))
            faults.Add(nameof(options.AzureAppId), "is no uuid; write the application's id, or leave it empty.");
        if (options.GcpServiceAccount is { } account && !account.Contains('@'))
            faults.Add(nameof(options.GcpServiceAccount), "is no mail address; write that of the service account, or leave it empty.");
        if (ProjectName.Refused(options.OrganizationName) is { } refused)
            faults.Add(nameof(options.OrganizationName), $"is {refused.Description}");
        foreach (var wrong in options.OwnerEmailList().Where(m => !m.Contains('@')))
            faults.Add(nameof(options.OwnerEmails), $"has '{wrong}', which is no mail address.");
        return faults.Result;
    }
}
