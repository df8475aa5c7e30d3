// The operations of the Relay client; relay-compiler reads this file, and nothing runs it.
const { graphql } = require("relay-runtime");

graphql`
  fragment operations_user on UserNode @refetchable(queryName: "operationsRefetchQuery") {
    id
    firstName
    verified
  }
`;

graphql`
  fragment operations_users on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" })
  @refetchable(queryName: "operationsUsersPaginationQuery") {
    users(first: $first, after: $after) @connection(key: "operations_users") {
      edges {
        node {
          id
          ...operations_user
        }
      }
    }
  }
`;

graphql`
  query operationsUsersQuery($first: Int) {
    ...operations_users @arguments(first: $first)
    users(first: $first) {
      edges {
        node {
          id
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

graphql`
  query operationsWaitingQuery($first: Int) {
    me {
      id
    }
    users(first: $first) {
      edges {
        node {
          id
        }
      }
    }
  }
`;

graphql`
  query operationsMeQuery {
    me {
      id
      firstName
      ...operations_user
    }
  }
`;

graphql`
  mutation operationsLogInMutation($input: ObtainJSONWebTokenInput!) {
    tokenAuth(input: $input) {
      success
      errors
      token
      tokenExpiresAt
      refreshToken
      refreshExpiresIn
      user {
        id
        firstName
      }
    }
  }
`;

graphql`
  mutation operationsRefreshMutation($input: RefreshTokenInput!) {
    refreshToken(input: $input) {
      success
      errors
      token
      tokenExpiresAt
      refreshToken
      refreshExpiresIn
    }
  }
`;

graphql`
  mutation operationsRenameMutation($input: UpdateAccountInput!) {
    updateAccount(input: $input) {
      success
      errors
      user {
        id
        firstName
      }
    }
  }
`;

graphql`
  mutation operationsLogOutMutation($input: RevokeTokenInput!) {
    revokeToken(input: $input) {
      success
      errors
      revoked
    }
  }
`;
